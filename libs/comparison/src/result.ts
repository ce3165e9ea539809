/** A comparison that was measured: everything that its reports tell. */
import { checkFindings, type CheckedFinding } from './findings/index.ts';
import { runsOf, type At, type MeasuredIteration, type MeasuredRun } from './measured.ts';
import { pairedTest, type PairedTest } from './paired-test.ts';
import type { Comparison } from './spec.ts';
import { spreadOf, type Spread } from './spread.ts';

/** An iteration of a method, over its seeds. */
export interface MethodIteration {
  readonly iteration: number;
  /** Greedy accuracy; undefined where no seed has it. */
  readonly greedy: Spread | undefined;
  readonly majority: Spread | undefined;
  readonly sampled: number;
  readonly trained: number;
}

export interface MethodResult {
  readonly method: string;
  readonly runs: readonly MeasuredRun[];
  readonly iterations: readonly MethodIteration[];
}

export interface ComparisonResult {
  readonly comparison: Comparison;
  readonly methods: readonly MethodResult[];
  readonly tests: readonly PairedTest[];
  readonly findings: readonly CheckedFinding[];
}

const spreadWhereMeasured = (values: readonly (number | undefined)[]): Spread | undefined => {
  const measured = values.filter((value) => value !== undefined);
  return measured.length === 0 ? undefined : spreadOf(measured);
};

function iterationsOf(runs: readonly MeasuredRun[]): MethodIteration[] {
  const byIndex = new Map<number, MeasuredIteration[]>();
  for (const measured of runs.flatMap(({ iterations }) => iterations))
    byIndex.set(measured.iteration, [...(byIndex.get(measured.iteration) ?? []), measured]);
  return [...byIndex]
    .sort(([one], [other]) => one - other)
    .map(([iteration, seeds]) => ({
      iteration,
      greedy: spreadWhereMeasured(seeds.map(({ greedy }) => greedy?.accuracy)),
      majority: spreadWhereMeasured(seeds.map(({ majority }) => majority?.accuracy)),
      sampled: spreadOf(seeds.map(({ tokens }) => tokens.sampled)).mean,
      trained: spreadOf(seeds.map(({ tokens }) => tokens.trained)).mean,
    }));
}

/** Where two methods are compared: at iteration 1, and at the end where that is another place. */
const placesOf = (...methods: readonly MethodResult[]): At[] =>
  methods.every(({ iterations }) => iterations.at(-1)?.iteration === 1) ? [1] : [1, 'end'];

/** Every two methods at iteration 1 and at the end, and each method's iterations beside the ones before. */
function allTests(runs: readonly MeasuredRun[], methods: readonly MethodResult[]): PairedTest[] {
  const between = methods.flatMap((first, index) =>
    methods
      .slice(index + 1)
      .flatMap((second) =>
        placesOf(first, second).map((at) =>
          pairedTest(runs, { method: first.method, at }, { method: second.method, at }),
        ),
      ),
  );
  const within = methods.flatMap(({ method, iterations }) =>
    iterations
      .slice(1)
      .map(({ iteration }) => pairedTest(runs, { method, at: iteration }, { method, at: iteration - 1 })),
  );
  return [...between, ...within].filter((test) => test !== undefined);
}

/** Compares what was measured. */
export function compare(comparison: Comparison, runs: readonly MeasuredRun[]): ComparisonResult {
  const methods = Object.keys(comparison.methods).map((method) => {
    const own = runsOf(runs, method);
    return { method, runs: own, iterations: iterationsOf(own) };
  });
  const { significance } = comparison;
  return {
    comparison,
    methods,
    tests: allTests(runs, methods),
    findings: checkFindings(comparison.findings, { runs, significance }),
  };
}
