/** A loop for tests of recipes: notes every step, and answers with models that are named after what made them. */
import type { Loop, Steps } from './loop.ts';
import { comparisonsOf, verdictsOf, type RowsKind, type RowsRef, type Samples } from './rows.ts';

/** What the steps of a recorded loop find. */
export interface RecordedResults {
  /** Greedy accuracy by model. */
  readonly greedy?: (checkpoint: string) => number;
  /** Why the run should end, by model. */
  readonly stop?: (checkpoint: string) => string | undefined;
}

const rows = <Kind extends RowsKind>(kind: Kind, digest: string): RowsRef<Kind> => ({
  kind,
  version: 1,
  digest,
  count: 1,
});

/** A loop, and the lines that it notes. */
export function recordedLoop({ greedy = () => 0.5, stop = () => undefined }: RecordedResults = {}): {
  readonly loop: Loop;
  readonly lines: readonly string[];
} {
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const iteration = (number: number): Steps => ({
    iteration: number,
    write: async (from, { settings: { count } }, { name = 'write' } = {}) => {
      note(`${number} ${name} ${count} by ${from.checkpoint}`);
      return { rows: rows('problems', `p${number}`), provenance: {} };
    },
    sample: async (from, { samples_per_problem: n, sampling }, { name = 'sample', hinted, problems } = {}) => {
      const hint = hinted ? ` where ${hinted.samples.verdicts.digest} has none right, with ${hinted.hint}` : '';
      const on = problems ? ` on ${problems.rows.digest}` : '';
      note(`${number} ${name} ${n} of ${from.checkpoint} at ${sampling.temperature}${hint}${on}`);
      const drawn = {
        completions: rows('completions', `c${number}${hinted ? '-hinted' : ''}`),
        samples: n,
        samplesPerProblem: n,
      };
      return { ...drawn, provenance: {} };
    },
    score: async (samples, { judge } = {}) => {
      const { digest } = samples.completions;
      note(`${number} score ${digest}${judge ? ` by ${judge.model.checkpoint}, ${judge.settings.draws} times` : ''}`);
      return { ...samples, verdicts: rows('verdicts', digest.replace('c', 'v')) };
    },
    feedback: async (samples, { annotators_per_item: people, comparisons_per_problem: comparisons }) => {
      const { digest } = samples.completions;
      note(`${number} feedback of ${people} people on ${comparisons} of ${digest}`);
      return { ...samples, comparisons: rows('comparisons', digest.replace('c', 'h')) };
    },
    build: async (from, { rule, per_problem: k }) => {
      const sources = [from].flat() as Samples[];
      const judged = (samples: Samples) => verdictsOf(samples) ?? comparisonsOf(samples) ?? samples.completions;
      const of = sources.map((samples) => judged(samples).digest).join(', ');
      note(`${number} build ${rule}${typeof k === 'number' ? ` ${k}` : ''} of ${of || 'all problems'}`);
      return { rows: rows('groups', `d${number}`), provenance: {} };
    },
    train: async ({ start, reference = start, dataset, training }, { name = 'train' } = {}) => {
      const on = typeof dataset === 'string' ? dataset : dataset.rows.digest;
      note(
        `${number} ${name} ${start.checkpoint} against ${reference.checkpoint} on ${on} at ${training.learning_rate}`,
      );
      return { checkpoint: `${name === 'train' ? '' : name.replace('/', '-')}m${number}` };
    },
    evaluate: async ({ model, on }, { name = 'evaluate' } = {}) => {
      note(`${number} ${name} ${model.checkpoint} on ${on}`);
      return { greedy: greedy(model.checkpoint), majority: undefined };
    },
    select: async (model) => {
      note(`${number} select ${model.checkpoint}`);
      return { best: model, stop: stop(model.checkpoint) };
    },
    publish: async (model) => note(`${number} publish ${model.checkpoint}`),
  });
  return { loop: { base: { checkpoint: 'base' }, iteration }, lines };
}
