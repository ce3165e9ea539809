/** A comparison as tables, whatever draws them. */
import { meanOf, type Proportion } from '@hone/statistics';
import type { PairedTest, Side } from '../paired-test.ts';
import type { ComparisonResult, MethodResult } from '../result.ts';
import { logProbsOf } from './log-probs.ts';
import { points, pText, signedPoints, spreadText, thousands } from './numbers.ts';

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A row a method, a column an iteration: greedy accuracy, mean ± sd over seeds. */
export function accuracyTable({ methods, comparison }: ComparisonResult): Table {
  const last = Math.max(0, ...methods.flatMap(({ iterations }) => iterations.map(({ iteration }) => iteration)));
  const columns = Array.from({ length: last + 1 }, (_, iteration) => iteration);
  const cell = ({ iterations }: MethodResult, at: number): string => {
    const greedy = iterations.find(({ iteration }) => iteration === at)?.greedy;
    if (!greedy) return '';
    const missing = comparison.seeds.length - greedy.count;
    return `${spreadText(greedy)}${missing > 0 ? ` (${greedy.count})` : ''}`;
  };
  return {
    title: `Greedy accuracy, %, mean ± sd of ${comparison.seeds.length} seeds (of fewer where a number follows)`,
    head: ['method', ...columns.map((at) => (at === 0 ? 'M_0' : String(at)))],
    rows: methods.map((result) => [result.method, ...columns.map((at) => cell(result, at))]),
  };
}

const share = ({ accuracy, lower, upper }: Proportion): string =>
  `${points(accuracy)} [${points(lower)}, ${points(upper)}]`;

/** A row an iteration of each run. */
export function runsTable({ methods }: ComparisonResult): Table {
  const rows = methods.flatMap(({ method, runs }) =>
    runs.flatMap((run) =>
      run.iterations.map((measured) => {
        const { iteration, greedy, majority, tokens } = measured;
        const logProbs = logProbsOf(run, measured);
        return [
          ...[method, String(run.seed), String(iteration), greedy ? share(greedy) : ''],
          majority ? share(majority) : '',
          ...[thousands(tokens.sampled), thousands(tokens.trained)],
          ...[logProbs?.chosen, logProbs?.rejected].map((ends) =>
            ends ? `${ends.before.toFixed(2)} → ${ends.after.toFixed(2)}` : '',
          ),
        ];
      }),
    ),
  );
  const head = ['method', 'seed', 'iteration', 'greedy % [95 %]', 'maj@k % [95 %]', 'sampled', 'trained'];
  return { title: 'Each run', head: [...head, 'chosen log p', 'rejected log p'], rows };
}

/** What each method used, and how it moved the log-probs, by the last iteration of its seeds. */
export function costTable({ methods }: ComparisonResult): Table {
  const rows = methods.map(({ method, iterations, runs }) => {
    const [last, first] = [iterations.at(-1), iterations.find(({ iteration }) => iteration === 1)];
    const moves = runs.flatMap((run) => {
      const measured = run.iterations.find(({ iteration }) => iteration === 1);
      return (measured && logProbsOf(run, measured)) ?? [];
    });
    const mean = (values: readonly number[]): string => (values.length === 0 ? '' : meanOf(values).toFixed(2));
    const change = (which: 'chosen' | 'rejected'): string =>
      moves.length === 0
        ? ''
        : `${mean(moves.map((ends) => ends[which].before))} → ${mean(moves.map((ends) => ends[which].after))}`;
    return [
      method,
      ...[first && thousands(first.trained), last && thousands(last.sampled), last && thousands(last.trained)].map(
        (text) => text ?? '',
      ),
      ...[change('chosen'), change('rejected')],
    ];
  });
  return {
    title: 'Tokens of a run, mean over seeds, and log-probs of the same pairs under M_0 → M_1',
    head: ['method', 'trained, iteration 1', 'sampled, all', 'trained, all', 'chosen log p', 'rejected log p'],
    rows,
  };
}

/** "irpo M_1", "irpo end". */
const shortSide = ({ method, at }: Side): string => `${method} ${at === 'end' ? 'end' : `M_${at}`}`;

const testRow = ({ first, second, difference, interval, mcNemar, problems }: PairedTest): string[] => [
  ...[shortSide(first), shortSide(second), signedPoints(difference.mean)],
  `[${signedPoints(interval.lower)}, ${signedPoints(interval.upper)}]`,
  ...[`${mcNemar.firstOnly}/${mcNemar.secondOnly}`, String(problems), pText(mcNemar.pValue)],
];

export const testsTable = ({ tests }: ComparisonResult): Table => ({
  title: "Paired tests: McNemar's exact test, problems of all seeds pooled; how many A or B alone got right",
  head: ['A', 'B', 'A - B', '95 %', 'alone', 'of', 'p'],
  rows: tests.map(testRow),
});

/** Runs that did not come to their end. */
export const unfinishedLines = ({ methods }: ComparisonResult): string[] =>
  methods.flatMap(({ runs }) =>
    runs
      .filter(({ end }) => end !== 'succeeded')
      .map(({ method, seed, run, end, error, iterations }) => {
        const measured = `${iterations.length} of its checkpoints measured`;
        return end === 'budget'
          ? `${method}, seed ${seed} (${run}): ended by its budget, ${measured}`
          : `${method}, seed ${seed} (${run}): FAILED, ${measured}: ${error}`;
      }),
  );
