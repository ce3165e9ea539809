/** A sample of a run, for people and for programs. */
import {
  FinishReason,
  VerdictState,
  type Completion,
  type Problem,
  type Sample,
  type SamplePair,
} from '@hone/contracts';
import { printable } from '@hone/errors';
import { oneLine, prose, shortName } from '@hone/terminal';
import { drawnBy } from '../reports/drawn-by.ts';

const outcomeName = ({ outcome }: Sample): string => outcome.replace('SAMPLE_OUTCOME_', '').toLowerCase();

const ENDS: Partial<Record<FinishReason, string>> = {
  [FinishReason.LENGTH]: 'cut off at the token limit',
};

/** What was not sampled has no number. */
const isSolution = ({ sampleIndex }: Completion): boolean => sampleIndex < 0;

/** What was asked; of a chat every turn. */
export function promptText({ prompt }: Pick<Problem, 'prompt'>): string {
  const content = prompt?.content;
  if (content?.$case === 'text') return content.value;
  if (content?.$case !== 'chat') return '';
  const { messages } = content.value;
  if (messages.length === 1) return messages[0]!.content;
  return messages.map((turn) => `${turn.role}: ${turn.content}`).join('\n');
}

/** A text of others, indented below its heading. */
export const block = (heading: string, text: string): string[] => [
  `  ${heading}`,
  ...printable(text.trim() === '' ? '(nothing)' : text.trimEnd())
    .split('\n')
    .map((line) => `    ${line.trimEnd()}`.trimEnd()),
];

/** What the scorer read, or why it could not. */
function verdictText({ completion, verdict, problem }: Sample): string {
  if (isSolution(completion!)) return 'came with the problem';
  if (!verdict) return 'not judged yet';
  const { state, extractedAnswer, normalGold, rule, message, score } = verdict;
  const gold = oneLine(normalGold || (problem?.gold ?? ''));
  const right = gold === '' ? '' : `; right is ${gold}`;
  // A grader reads no answer.
  if (state === VerdictState.SCORED && extractedAnswer === '')
    return `score ${score.toFixed(2)}${rule === '' ? '' : ` (${rule})`}${right}`;
  if (state === VerdictState.SCORED) {
    const partly = score > 0 && score < 1 ? `, score ${score.toFixed(2)}` : '';
    return `read as ${oneLine(extractedAnswer)}${rule === '' ? '' : ` (${rule})`}${partly}${right}`;
  }
  const why = message === '' ? '' : ` (${oneLine(message)})`;
  return `${state === VerdictState.ERROR ? 'the scorer failed' : 'no answer was read'}${why}${right}`;
}

function completionLines(sample: Sample, name = 'said'): string[] {
  const { finishReason, text } = sample.completion!;
  const end = ENDS[finishReason];
  return [...block(end === undefined ? name : `${name}, ${end}`, text), `  ${verdictText(sample)}`];
}

function originLine({ completion, verdict }: Sample): string {
  const { seed, checkpoint, engine, weightPrecision } = completion!;
  const judged = verdict ? `, judged by ${oneLine(`${verdict.scorer} ${verdict.scorerVersion}`)}` : '';
  const by = engine === '' ? '' : `, by ${drawnBy([engine], [weightPrecision])}`;
  return `  seed ${seed}, ${shortName(checkpoint)}${by}${judged}`;
}

/** A sample with what was asked, in lines of at most so many columns. */
export function sampleText(sample: Sample, columns: number): string {
  const { iteration, problem, completion } = sample;
  const head = `problem ${oneLine(problem!.id)}, sample ${completion!.sampleIndex} of iteration ${iteration}: ${outcomeName(sample)}`;
  const lines = [head, ...block('asked', promptText(problem!)), ...completionLines(sample), originLine(sample)];
  return prose(lines.join('\n'), columns);
}

/** Two completions of a problem, each under its name. */
export function comparedLines(problem: Problem, sides: Readonly<Record<string, Sample>>): string[] {
  const lines = Object.entries(sides).flatMap(([name, sample]) => completionLines({ ...sample, problem }, name));
  return [...block('asked', promptText(problem)), ...lines];
}

/** A pair, in lines of at most so many columns. */
export function pairText({ chosen, rejected, rule }: SamplePair, columns: number): string {
  const { iteration, problem } = chosen!;
  const nameOf = (role: string, { completion }: Sample): string =>
    `${role}, ${isSolution(completion!) ? 'the solution' : `sample ${completion!.sampleIndex}`}`;
  const sides = { [nameOf('chosen', chosen!)]: chosen!, [nameOf('rejected', rejected!)]: rejected! };
  const head = `problem ${oneLine(problem!.id)} of iteration ${iteration}${rule === '' ? '' : `, by ${oneLine(rule)}`}`;
  return prose([head, ...comparedLines(problem!, sides)].join('\n'), columns);
}

function completionDocument(completion: Completion) {
  if (isSolution(completion)) return { solution: true, completion: completion.text };
  const { sampleIndex, text, finishReason, seed, checkpoint, engine, weightPrecision } = completion;
  return {
    sample: sampleIndex,
    completion: text,
    finish_reason: finishReason.replace('FINISH_REASON_', '').toLowerCase(),
    seed: String(seed),
    checkpoint,
    ...(engine !== '' && { engine, precision: drawnBy([], [weightPrecision]) }),
  };
}

function judgedDocument(sample: Sample) {
  const { completion, verdict } = sample;
  return {
    ...completionDocument(completion!),
    outcome: outcomeName(sample),
    ...(verdict && {
      ...(verdict.state === VerdictState.SCORED && { score: verdict.score }),
      extracted_answer: verdict.extractedAnswer,
      rule: verdict.rule,
      reason: verdict.message,
      scorer: verdict.scorer,
      scorer_version: verdict.scorerVersion,
    }),
  };
}

const problemDocument = ({ id, gold, ...problem }: Problem) => ({
  problem: id,
  prompt: promptText(problem),
  gold,
});

/** A sample for programs. */
export function sampleDocument(sample: Sample) {
  return { iteration: sample.iteration, ...problemDocument(sample.problem!), ...judgedDocument(sample) };
}

/** A pair for programs. */
export function pairDocument({ chosen, rejected, rule }: SamplePair) {
  const { iteration, problem } = chosen!;
  return {
    iteration,
    ...problemDocument(problem!),
    chosen: judgedDocument(chosen!),
    rejected: judgedDocument(rejected!),
    ...(rule !== '' && { rule }),
  };
}
