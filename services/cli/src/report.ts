/** A run as a table and as a document. */
import { Phase, type Iteration, type Proportion, type Run } from '@hone/contracts';
import { share } from './evaluation-lines.ts';
import { seconds, shortName } from './output.ts';
import { table } from './render/table.ts';
import { PHASE_NAMES } from './watch.ts';

const accuracy = (measured: Proportion | undefined): string => (measured ? share(measured) : '');
const logProb = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));

const documentKey = (name: string): string => name.replace(' ', '_');

/** Seconds of each phase, by name. */
function phaseSeconds({ phases }: Iteration): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { phase, usage } of phases) {
    const name = documentKey(PHASE_NAMES[phase]);
    sums[name] = (sums[name] ?? 0) + (usage?.seconds ?? 0);
  }
  return sums;
}

const SHOWN_PHASES = [
  Phase.WARM_UP,
  Phase.SAMPLE,
  Phase.SCORE,
  Phase.PAIR,
  Phase.TRAIN,
  Phase.EVALUATE,
  Phase.SELECT,
] as const;

/** What was measured of the run's checkpoints, and how much they were trained on: one row an iteration. */
function resultTable({ iterations, spec }: Run): string {
  const k = spec?.evaluation?.majority?.k ?? 0;
  const problems = iterations.find(({ evaluation }) => evaluation?.greedy)?.evaluation?.greedy?.total;
  const of = problems === undefined ? '' : ` of ${problems}`;
  const votes = k > 0 ? [`maj@${k} %${of} [95 %]`] : [];
  const rows = iterations.map(({ index, samples, pairReport, evaluation }) => [
    String(index),
    samples > 0 ? String(samples) : '',
    pairReport ? String(pairReport.pairs) : '',
    accuracy(evaluation?.greedy),
    ...(k > 0 ? [accuracy(evaluation?.majority?.accuracy)] : []),
  ]);
  return table(['iteration', 'samples', 'pairs', `greedy %${of} [95 %]`, ...votes], rows);
}

/** How training moved the log-probs of chosen and rejected completions. */
function logProbTable({ iterations }: Run): string {
  const change = (first?: number, last?: number): string => `${logProb(first)} → ${logProb(last)}`;
  const rows = iterations.flatMap(({ index, training }) =>
    training
      ? [
          [
            String(index),
            change(training.first?.chosenLogProb, training.last?.chosenLogProb),
            change(training.first?.rejectedLogProb, training.last?.rejectedLogProb),
          ],
        ]
      : [],
  );
  return table(['iteration', 'chosen log p', 'rejected log p'], rows);
}

/** Seconds of each phase that any iteration had. */
function timeTable({ iterations }: Run): string {
  const times = iterations.map(phaseSeconds);
  const phases = SHOWN_PHASES.map((phase) => PHASE_NAMES[phase]).filter((name) =>
    times.some((time) => time[documentKey(name)] !== undefined),
  );
  const rows = iterations.map(({ index }, place) => [
    String(index),
    ...phases
      .map((name) => times[place]![documentKey(name)])
      .map((value) => (value === undefined ? '' : seconds(value))),
  ]);
  return table(['iteration', ...phases.map((name) => `${name} s`)], rows);
}

/** A run as tables of results and of times. */
export function runTable(run: Run): string {
  const isTrained = run.iterations.some(({ training }) => training);
  const isTimed = run.iterations.some(({ phases }) => phases.length > 0);
  return [
    resultTable(run),
    ...(isTrained
      ? ['', logProbTable(run), 'log p: mean over the first tenth → the last tenth of the training steps']
      : []),
    ...(isTimed ? ['', timeTable(run)] : []),
  ].join('\n');
}

const proportionDocument = (share: Proportion) => ({
  accuracy: share.accuracy,
  correct: share.correct,
  total: share.total,
  interval: [share.lower, share.upper],
});

function iterationDocument(iteration: Iteration) {
  const { evaluation, training, pairReport } = iteration;
  const majority = evaluation?.majority;
  return {
    iteration: iteration.index,
    checkpoint: iteration.checkpoint,
    samples: iteration.samples,
    pairs: pairReport?.pairs ?? 0,
    ...(evaluation?.greedy && { greedy: proportionDocument(evaluation.greedy) }),
    ...(majority?.accuracy && {
      majority: { k: majority.k, ...proportionDocument(majority.accuracy), sample_accuracy: majority.sampleAccuracy },
    }),
    ...(training && {
      log_probs: {
        chosen: { first_tenth: training.first?.chosenLogProb, last_tenth: training.last?.chosenLogProb },
        rejected: { first_tenth: training.first?.rejectedLogProb, last_tenth: training.last?.rejectedLogProb },
      },
      training_steps: training.steps,
    }),
    seconds: phaseSeconds(iteration),
    usage: Object.fromEntries(
      iteration.phases.map(({ phase, usage }) => [
        documentKey(PHASE_NAMES[phase]),
        {
          cpu_seconds: usage?.cpuSeconds ?? 0,
          peak_memory_bytes: Number(usage?.peakMemoryBytes ?? 0n),
          tokens: Number(usage?.tokens ?? 0n),
        },
      ]),
    ),
  };
}

/** The run for programs. */
export function runDocument(run: Run) {
  return {
    run: run.name,
    state: run.state,
    benchmark: run.spec?.benchmark ?? '',
    seed: String(run.spec?.seed ?? 0n),
    code_version: run.codeVersion,
    iterations: run.iterations.map(iterationDocument),
  };
}

/** Peak memory of each phase, over all iterations. */
export function memoryLine(run: Run): string {
  const peaks = new Map<string, number>();
  for (const { phase, usage } of run.iterations.flatMap(({ phases }) => phases)) {
    const name = PHASE_NAMES[phase];
    peaks.set(name, Math.max(peaks.get(name) ?? 0, Number(usage?.peakMemoryBytes ?? 0n)));
  }
  const known = [...peaks].filter(([, bytes]) => bytes > 0);
  return known.map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(0)} MiB`).join(', ');
}

/** Checkpoints of the run's iterations. */
export function checkpointLines(run: Run): string[] {
  return run.iterations
    .filter(({ checkpoint }) => checkpoint !== '')
    .map(({ index, checkpoint }) => `  M_${index}  ${shortName(checkpoint)}`);
}
