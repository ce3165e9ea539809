/** A generated word problem: a start value and steps, its text, and chains of thought that solve it. */
import { invalidArgument } from '@hone/errors';
import type { Random } from '@hone/statistics';
import { GAINS, LOSSES, NAMES, THINGS } from './words.ts';

/** How hard the problems are. */
export interface Difficulty {
  readonly minSteps: number;
  readonly maxSteps: number;
  /** Largest start value. */
  readonly maxStart: number;
  /** Largest number that is added or taken away. */
  readonly maxOperand: number;
  /** Largest value on the way. */
  readonly maxValue: number;
  /** Also double, triple and halve. */
  readonly multiplication: boolean;
}

export const DEFAULT_DIFFICULTY: Difficulty = {
  minSteps: 2,
  maxSteps: 4,
  maxStart: 30,
  maxOperand: 9,
  maxValue: 60,
  multiplication: true,
};

type Operator = '+' | '-' | '*' | '/';

interface Step {
  readonly operator: Operator;
  readonly operand: number;
  readonly sentence: string;
}

export interface Story {
  readonly start: number;
  readonly steps: readonly Step[];
  readonly prompt: string;
  readonly answer: number;
}

export function validateDifficulty(difficulty: Difficulty): void {
  const { minSteps, maxSteps, maxStart, maxOperand, maxValue } = difficulty;
  for (const [name, value] of Object.entries({ minSteps, maxSteps, maxStart, maxOperand, maxValue })) {
    if (!Number.isInteger(value) || value < 1)
      throw invalidArgument(`difficulty.${name}`, `must be a whole number of at least 1, but is ${value}`);
  }
  if (maxSteps < minSteps)
    throw invalidArgument('difficulty.maxSteps', `must be at least minSteps (${minSteps}), but is ${maxSteps}`);
  if (maxSteps > 8)
    throw invalidArgument(
      'difficulty.maxSteps',
      `must be at most 8, so that a problem fits the context, but is ${maxSteps}`,
    );
  if (maxStart < 2 || maxOperand < 2) throw invalidArgument('difficulty', 'maxStart and maxOperand must be at least 2');
  if (maxValue < maxStart)
    throw invalidArgument('difficulty.maxValue', `must be at least maxStart (${maxStart}), but is ${maxValue}`);
}

const apply = (value: number, { operator, operand }: Pick<Step, 'operator' | 'operand'>): number => {
  if (operator === '+') return value + operand;
  if (operator === '-') return value - operand;
  return operator === '*' ? value * operand : value / operand;
};

const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random.uniform() * (high - low + 1));
const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random.uniform() * items.length)]!;

function makeStep(random: Random, name: string, difficulty: Difficulty): Step {
  // Adding and taking away are twice as frequent as the others.
  const kind = pick(random, difficulty.multiplication ? ['+', '+', '-', '-', '*', '/'] : ['+', '-']);
  if (kind === '*') {
    const operand = random.uniform() < 0.6 ? 2 : 3;
    return { operator: '*', operand, sentence: `${name} ${operand === 2 ? 'doubles' : 'triples'} them.` };
  }
  if (kind === '/') return { operator: '/', operand: 2, sentence: `${name} gives half away.` };
  const operand = between(random, 2, difficulty.maxOperand);
  if (kind === '+') return { operator: '+', operand, sentence: `${name} ${pick(random, GAINS)} ${operand} more.` };
  return { operator: '-', operand, sentence: `${name} ${pick(random, LOSSES)} ${operand}.` };
}

/** Draws a story; values stay whole, at least 0 and within the difficulty's range. */
export function makeStory(random: Random, difficulty: Difficulty): Story {
  for (;;) {
    const name = pick(random, NAMES);
    const thing = pick(random, THINGS);
    const start = between(random, 2, difficulty.maxStart);
    const steps = Array.from({ length: between(random, difficulty.minSteps, difficulty.maxSteps) }, () =>
      makeStep(random, name, difficulty),
    );
    const values = steps.reduce((all, step) => [...all, apply(all.at(-1)!, step)], [start]);
    if (!values.every((value) => Number.isInteger(value) && value >= 0 && value <= difficulty.maxValue)) continue;
    const sentences = [`${name} has ${start} ${thing}.`, ...steps.map((step) => step.sentence), `How many ${thing}?`];
    return { start, steps, prompt: `${sentences.join(' ')}\n`, answer: values.at(-1)! };
  }
}

/** One equation a line, then the answer, in GSM8K's form. */
function chain(start: number, steps: readonly Step[], compute: (value: number, step: Step) => number): string {
  let value = start;
  const lines = steps.map((step) => {
    const result = compute(value, step);
    const line = `${value} ${step.operator} ${step.operand} = ${result}`;
    value = result;
    return line;
  });
  return [...lines, `#### ${value}`].join('\n');
}

/** The chain of thought that solves a story. */
export const rightChain = ({ start, steps }: Story): string => chain(start, steps, apply);

/** The result when the carry of a sum or product, or the borrow of a difference, is forgotten; undefined where there is none. */
function slip(value: number, { operator, operand }: Step): number | undefined {
  const ones = value % 10;
  if (operator === '+' && ones + (operand % 10) >= 10) return value + operand - 10;
  if (operator === '-' && ones < operand % 10) return value - operand + 10;
  if (operator === '*' && ones * operand >= 10) return value * operand - 10;
  return undefined;
}

/** With carelessness 1 every draw of a chain is the same, so that drawing must end. */
const MAX_DRAWS = 100;

/**
 * A careless chain: where a step has a carry or borrow it is forgotten with this probability, and the chain goes on from the
 * wrong value. Chains that would leave the numbers are drawn again; a story that no careless chain was found for gets its right
 * one.
 */
export function carelessChain(story: Story, carelessness: number, random: Random, { maxValue }: Difficulty): string {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    let sound = true;
    const text = chain(story.start, story.steps, (value, step) => {
      const slipped = slip(value, step);
      const careless = slipped !== undefined && random.uniform() < carelessness && slipped >= 0 && slipped <= maxValue;
      const result = careless ? slipped : Math.floor(apply(value, step));
      sound &&= result >= 0;
      return result;
    });
    if (sound) return text;
  }
  return rightChain(story);
}
