/** A run as a table and as a document: what its steps gave, whatever recipe they are of. */
import { nameOfKind, resultOf, type Iteration, type Proportion, type Run, type StepReport } from '@hone/contracts';
import { columnsOf, prose, seconds, shortName, table } from '@hone/terminal';
import { feedbackText, progressDocument } from '../feedback/progress-lines.ts';
import { byFileKeys } from '../spec/file-keys.ts';
import { drawnBy } from './drawn-by.ts';
import { share } from './evaluation-lines.ts';
import { curriculumTable, problemsDocument, rateTable } from './problem-figures.ts';
import { ruleReportDocument, ruleReportText } from './rule-report.ts';
import { sampleDocument, sampleFigures, sampleTable, type SampleFigures } from './sample-figures.ts';
import { trainingDocument, trainingTables } from './training-figures.ts';

const accuracy = (measured: Proportion | undefined): string => (measured ? share(measured) : '');

/** The steps of each kind that have been measured, by the kind's name, in the order in which they first came. */
function byKind(steps: readonly StepReport[]): ReadonlyMap<string, readonly StepReport[]> {
  const kinds = new Map<string, StepReport[]>();
  for (const step of steps.filter(({ usage }) => usage)) {
    const name = nameOfKind(step.kind);
    kinds.set(name, [...(kinds.get(name) ?? []), step]);
  }
  return kinds;
}

const sum = (steps: readonly StepReport[], of: (usage: NonNullable<StepReport['usage']>) => number): number =>
  steps.reduce((total, { usage }) => total + (usage ? of(usage) : 0), 0);
const peakBytes = (steps: readonly StepReport[]): number =>
  Math.max(0, ...steps.map(({ usage }) => Number(usage?.peakMemoryBytes ?? 0n)));

/** Completions that an iteration drew, over all its steps. */
const samplesOf = ({ steps }: Iteration): number =>
  steps.reduce((total, { result }) => total + (result?.$case === 'sample' ? result.value.samples : 0), 0);

/** What a recipe's rule makes of samples: preference pairs, or examples. */
const recordsOf = ({ iterations }: Run): 'pairs' | 'examples' =>
  iterations.some((iteration) => resultOf(iteration, 'build')?.report?.examples) ? 'examples' : 'pairs';

/** What was measured of the run's checkpoints, and how much they were trained on: one row an iteration. */
function resultTable(run: Run): string {
  const { iterations } = run;
  const records = recordsOf(run);
  const measured = iterations.map((iteration) => resultOf(iteration, 'evaluate'));
  const problems = measured.find((evaluation) => evaluation?.greedy)?.greedy?.total;
  const k = measured.find((evaluation) => evaluation?.majority)?.majority?.k ?? 0;
  const of = problems === undefined ? '' : ` of ${problems}`;
  const votes = k > 0 ? [`maj@${k} %${of} [95 %]`] : [];
  const rows = iterations.map((iteration, row) => [
    String(iteration.index),
    samplesOf(iteration) > 0 ? String(samplesOf(iteration)) : '',
    String(resultOf(iteration, 'build')?.report?.[records] ?? ''),
    accuracy(measured[row]?.greedy),
    ...(k > 0 ? [accuracy(measured[row]?.majority?.accuracy)] : []),
  ]);
  return table(['iteration', 'samples', records, `greedy %${of} [95 %]`, ...votes], rows);
}

/** What people said of each iteration's samples, and what the dataset rules made of them. */
const builtLines = ({ iterations }: Run): string[] =>
  iterations.flatMap((iteration) => {
    const report = resultOf(iteration, 'build')?.report;
    const said = resultOf(iteration, 'feedback')?.progress;
    return [
      ...(said ? [`iteration ${iteration.index}, people: ${feedbackText(said)}`] : []),
      ...(report?.rule ? [`iteration ${iteration.index}, ${report.rule}: ${ruleReportText(report)}`] : []),
    ];
  });

/** Seconds of each kind of steps that any iteration had. */
function timeTable({ iterations }: Run): string {
  const times = iterations.map(({ steps }) => byKind(steps));
  const kinds = [...byKind(iterations.toReversed().flatMap(({ steps }) => steps)).keys()];
  const rows = iterations.map(({ index }, row) => [
    String(index),
    ...kinds
      .map((kind) => times[row]!.get(kind))
      .map((steps) => (steps ? seconds(sum(steps, (usage) => usage.seconds)) : '')),
  ]);
  return table(['iteration', ...kinds.map((kind) => `${kind} s`)], rows);
}

/** A run as tables of results and of times. */
export function runTable(run: Run): string {
  const samples = [sampleTable, rateTable, curriculumTable].flatMap((tableOf) => tableOf(run.iterations) ?? []);
  const built = builtLines(run);
  const isTimed = run.iterations.some(({ steps }) => byKind(steps).size > 0);
  return [
    resultTable(run),
    ...samples.flatMap((text) => ['', text]),
    ...(built.length > 0 ? ['', ...built] : []),
    ...trainingTables(run.iterations).flatMap((text) => ['', text]),
    ...(isTimed ? ['', timeTable(run)] : []),
  ].join('\n');
}

/** What the steps warned of, a paragraph each. */
export const warningLines = ({ iterations }: Run): string[] =>
  iterations.flatMap(({ index, steps }) =>
    steps.flatMap(({ name, warnings }) =>
      warnings.map((text) => prose(`warning (iteration ${index}, ${name}): ${byFileKeys(text)}`, columnsOf())),
    ),
  );

const proportionDocument = (share: Proportion) => ({
  accuracy: share.accuracy,
  correct: share.correct,
  total: share.total,
  interval: [share.lower, share.upper],
});

/** What drew, of a step that sampled. */
const drawnDocument = (result: StepReport['result']) =>
  result?.$case === 'sample' && {
    engines: result.value.engines,
    precisions: result.value.weightPrecisions.map((precision) => drawnBy([], [precision])),
  };

const stepDocument = ({ name, kind, state, usage, artifacts, result, warnings }: StepReport) => ({
  name,
  kind: nameOfKind(kind),
  state: state.replace('STEP_STATE_', '').toLowerCase(),
  ...drawnDocument(result),
  seconds: usage?.seconds ?? 0,
  ...(warnings.length > 0 && { warnings }),
  artifacts: Object.fromEntries(Object.entries(artifacts).map(([artifact, { digest }]) => [artifact, digest])),
});

function usageDocument(steps: readonly StepReport[]) {
  return {
    cpu_seconds: sum(steps, (usage) => usage.cpuSeconds),
    peak_memory_bytes: peakBytes(steps),
    tokens: sum(steps, (usage) => Number(usage.tokens)),
  };
}

function iterationDocument(iteration: Iteration, figures: SampleFigures) {
  const sampled = sampleDocument(figures);
  const evaluation = resultOf(iteration, 'evaluate');
  const training = resultOf(iteration, 'train');
  const built = resultOf(iteration, 'build')?.report;
  const said = resultOf(iteration, 'feedback')?.progress;
  const majority = evaluation?.majority;
  const kinds = [...byKind(iteration.steps)];
  return {
    iteration: iteration.index,
    checkpoint: iteration.checkpoint,
    samples: samplesOf(iteration),
    ...(sampled && { sampled }),
    ...problemsDocument(iteration),
    pairs: built?.pairs ?? 0,
    ...(built?.examples && { examples: built.examples }),
    ...(said && { feedback: progressDocument(said) }),
    ...(built?.rule && { built: ruleReportDocument(built) }),
    ...(evaluation?.greedy && { greedy: proportionDocument(evaluation.greedy) }),
    ...(majority?.accuracy && {
      majority: { k: majority.k, ...proportionDocument(majority.accuracy), sample_accuracy: majority.sampleAccuracy },
    }),
    ...(training && trainingDocument(training)),
    seconds: Object.fromEntries(kinds.map(([kind, steps]) => [kind, sum(steps, (usage) => usage.seconds)])),
    usage: Object.fromEntries(kinds.map(([kind, steps]) => [kind, usageDocument(steps)])),
    steps: iteration.steps.map(stepDocument),
  };
}

/** The run for programs. */
export function runDocument(run: Run) {
  const figures = sampleFigures(run.iterations);
  return {
    run: run.name,
    state: run.state,
    recipe: run.spec?.recipe ?? '',
    benchmark: run.spec?.benchmark ?? '',
    seed: String(run.spec?.seed ?? 0n),
    code_version: run.codeVersion,
    iterations: run.iterations.map((iteration, index) => iterationDocument(iteration, figures[index]!)),
  };
}

/** Peak memory of each kind of steps, over all iterations. */
export function memoryLine(run: Run): string {
  const kinds = [...byKind(run.iterations.flatMap(({ steps }) => steps))];
  const peaks = kinds.map(([kind, steps]) => [kind, peakBytes(steps)] as const).filter(([, bytes]) => bytes > 0);
  return peaks.map(([kind, bytes]) => `${kind} ${(bytes / 2 ** 20).toFixed(0)} MiB`).join(', ');
}

/** Checkpoints of the run's iterations. */
export function checkpointLines(run: Run): string[] {
  return run.iterations
    .filter(({ checkpoint }) => checkpoint !== '')
    .map(({ index, checkpoint }) => `  M_${index}  ${shortName(checkpoint)}`);
}
