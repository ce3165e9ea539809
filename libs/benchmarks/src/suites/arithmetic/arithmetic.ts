/**
 * The embedded task: generated word problems of several steps with chains of thought, for example
 *
 *     Kit has 12 figs. Kit buys 9 more. Kit doubles them. How many figs?
 *     12 + 9 = 21
 *     21 * 2 = 42
 *     #### 42
 */
import { createHash } from 'node:crypto';
import { invalidArgument } from '@hone/errors';
import { Random, seedFor } from '@hone/statistics';
import { checkName } from '../../problems/check-name.ts';
import { templateDigest, type Problem } from '../../problems/problem.ts';
import {
  carelessChain,
  DEFAULT_DIFFICULTY,
  makeStory,
  rightChain,
  validateDifficulty,
  type Difficulty,
  type Story,
} from './story.ts';

/** The splits, each with its share of all possible problems: a problem belongs to one by its text, whatever the seed. */
const SPLIT_SHARES = { test: [0, 20], validation: [20, 30], demonstrations: [30, 60], train: [60, 100] } as const;
export type ArithmeticSplit = keyof typeof SPLIT_SHARES;

export interface ArithmeticOptions {
  readonly split: ArithmeticSplit;
  /** Number of problems, at least 1. */
  readonly count: number;
  readonly seed: bigint;
  readonly difficulty?: Partial<Difficulty>;
}

/** A demonstration of a problem for supervised fine-tuning. */
export interface Demonstration {
  readonly id: string;
  readonly prompt: string;
  readonly completion: string;
}

const TEMPLATE_DIGEST = templateDigest('arithmetic/1: {story}\n');
/** Draws in a row that bring nothing new before the range counts as used up. */
const PATIENCE = 20_000;

/** 0 … 99 by the text: which split a problem belongs to. */
const bucketOf = (prompt: string): number => createHash('sha256').update(prompt).digest().readUInt32BE() % 100;

/** Distinct stories of a split, the same for the same options. */
function stories({ split, count, seed, difficulty }: ArithmeticOptions): { stories: Story[]; difficulty: Difficulty } {
  const range = { ...DEFAULT_DIFFICULTY, ...difficulty };
  validateDifficulty(range);
  if (!Number.isInteger(count) || count < 1)
    throw invalidArgument('count', `must be a whole number of at least 1, but is ${count}`);
  checkName('split', Object.keys(SPLIT_SHARES), split);
  const [from, to] = SPLIT_SHARES[split];
  const random = new Random(seedFor('arithmetic', seed, split));
  const found = new Map<string, Story>();
  for (let idle = 0; found.size < count; idle++) {
    if (idle > PATIENCE)
      throw invalidArgument(
        'count',
        `there are fewer than ${count} different problems of this difficulty; only ${found.size} were found`,
      );
    const story = makeStory(random, range);
    const bucket = bucketOf(story.prompt);
    if (bucket < from || bucket >= to || found.has(story.prompt)) continue;
    found.set(story.prompt, story);
    idle = 0;
  }
  return { stories: [...found.values()], difficulty: range };
}

/** Problems of a split with their gold answers and chains. Splits never share a problem. */
export function arithmeticProblems(options: ArithmeticOptions): Problem[] {
  return stories(options).stories.map((story, index) => ({
    id: `arithmetic-${options.split}-${index}`,
    question: story.prompt.trim(),
    prompt: { kind: 'text', text: story.prompt },
    gold: String(story.answer),
    choices: [],
    level: String(story.steps.length),
    solution: rightChain(story),
    templateDigest: TEMPLATE_DIGEST,
  }));
}

/**
 * Demonstrations for fine-tuning, of the split `demonstrations`. With carelessness above 0 a carry or borrow is forgotten with
 * that probability, so that a share of them ends wrong.
 */
export function arithmeticDemonstrations(
  options: Omit<ArithmeticOptions, 'split'> & { readonly carelessness: number },
): Demonstration[] {
  const { carelessness, seed } = options;
  if (!(carelessness >= 0 && carelessness <= 1))
    throw invalidArgument('carelessness', `must be from 0 to 1, but is ${carelessness}`);
  const made = stories({ ...options, split: 'demonstrations' });
  const random = new Random(seedFor('arithmetic', seed, 'carelessness'));
  return made.stories.map((story, index) => ({
    id: `arithmetic-demonstrations-${index}`,
    prompt: story.prompt,
    completion: carelessness > 0 ? carelessChain(story, carelessness, random, made.difficulty) : rightChain(story),
  }));
}
