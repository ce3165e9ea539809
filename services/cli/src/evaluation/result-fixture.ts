/** A result with known figures, for tests. */
import { Evaluation, ListOutcomesResponse, VerdictState, type PartialMessage } from '@hone/contracts';
import { proportion } from '@hone/statistics';
import { resultDocument, type ResultDocument } from './document.ts';

const outcome = (answer: string, right: boolean) => ({
  state: answer === '' ? VerdictState.UNSCORABLE : VerdictState.SCORED,
  answer,
  right,
});

/** `solved` says which problems of ten the greedy completion solves. */
export function resultOf(solved: readonly number[], change: PartialMessage<Evaluation> = {}): ResultDocument {
  const right = (index: number): boolean => solved.includes(index);
  const rows = Array.from({ length: 10 }, (_, index) =>
    ListOutcomesResponse.fromPartial({
      problemId: `p${index}`,
      subject: index < 5 ? 'Algebra' : 'Geometry',
      greedy: outcome(right(index) ? '1' : '', right(index)),
      votes: [outcome('1', true), outcome('2', false)],
    }),
  );
  const share = proportion(solved.length, 10);
  const half = { value: 0.5, lower: 0.25, upper: 0.75, standardError: 0.125 };
  const evaluation = Evaluation.fromPartial({
    name: `evaluations/${'e'.repeat(64)}`,
    checkpoint: `checkpoints/${'c'.repeat(64)}`,
    problemSet: `problemSets/${'a'.repeat(64)}`,
    scorer: { name: 'math' },
    scorerVersion: '3',
    seed: 7n,
    spec: { greedy: true, maxTokens: 99, majority: { k: 2, sampling: { temperature: 0.8 } } },
    templateDigests: ['d'.repeat(64)],
    greedy: share,
    greedyBootstrap: { value: share.accuracy, lower: 0.1, upper: 0.9, standardError: 0.15 },
    greedyCompletions: { correct: solved.length, unscorable: 8 - solved.length, truncated: 1, error: 1 },
    majority: { k: 2, accuracy: proportion(5, 10), sampleAccuracy: 0.5, completions: { correct: 10, wrong: 10 } },
    atK: [
      { k: 1, pass: half, majority: half, problems: 10 },
      { k: 2, pass: { ...half, value: 1, lower: 1, upper: 1 }, majority: half, problems: 10 },
    ],
    subjects: [
      { name: 'Algebra', greedy: proportion(1, 5), majority: proportion(2.5, 5) },
      { name: 'Geo|metry', greedy: proportion(2, 5), majority: proportion(2.5, 5) },
    ],
    ...(change as object),
  });
  const subject = {
    benchmark: 'math',
    split: 'test',
    prompt: 'few-shot',
    shots: 4,
    model: 'M_1',
    dataDigest: 'b'.repeat(64),
  };
  return resultDocument(subject, evaluation, rows);
}
