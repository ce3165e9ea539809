/** A run as a table and as a document. */
import { Phase, type Iteration, type Proportion, type Run } from '@hone/contracts';
import { percent, seconds, shortName, table } from './output.ts';
import { PHASE_NAMES } from './watch.ts';

const half = ({ lower, upper }: Proportion): number => (upper - lower) / 2;
const accuracy = (share: Proportion | undefined): string =>
  share ? `${percent(share.accuracy)} ± ${percent(half(share))}` : '';
const logProb = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));

/** Seconds of each phase, by name. */
function phaseSeconds({ phases }: Iteration): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { phase, usage } of phases) {
    const name = PHASE_NAMES[phase].replace(' ', '_');
    sums[name] = (sums[name] ?? 0) + (usage?.seconds ?? 0);
  }
  return sums;
}

/** One row an iteration. */
export function runTable(run: Run): string {
  const phases = [Phase.WARM_UP, Phase.SAMPLE, Phase.SCORE, Phase.PAIR, Phase.TRAIN, Phase.EVALUATE];
  const k = run.spec?.evaluation?.majority?.k ?? 0;
  const head = [
    'iteration',
    'samples',
    'pairs',
    'greedy %',
    ...(k > 0 ? [`maj@${k} %`] : []),
    'chosen log p',
    'rejected log p',
    `seconds: ${phases.map((phase) => PHASE_NAMES[phase]).join(' / ')}`,
  ];
  const rows = run.iterations.map((iteration) => {
    const { training, evaluation } = iteration;
    const times = phaseSeconds(iteration);
    const change = (first?: number, last?: number): string => (training ? `${logProb(first)} → ${logProb(last)}` : '');
    return [
      String(iteration.index),
      iteration.samples > 0 ? String(iteration.samples) : '',
      iteration.pairReport ? String(iteration.pairReport.pairs) : '',
      accuracy(evaluation?.greedy),
      ...(k > 0 ? [accuracy(evaluation?.majority?.accuracy)] : []),
      change(training?.first?.chosenLogProb, training?.last?.chosenLogProb),
      change(training?.first?.rejectedLogProb, training?.last?.rejectedLogProb),
      phases
        .map((phase) => times[PHASE_NAMES[phase].replace(' ', '_')])
        .map((value) => (value === undefined ? '-' : seconds(value)))
        .join(' / '),
    ];
  });
  return table(head, rows);
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
        chosen: { first: training.first?.chosenLogProb, last: training.last?.chosenLogProb },
        rejected: { first: training.first?.rejectedLogProb, last: training.last?.rejectedLogProb },
      },
      training_steps: training.steps,
    }),
    seconds: phaseSeconds(iteration),
    usage: Object.fromEntries(
      iteration.phases.map(({ phase, usage }) => [
        PHASE_NAMES[phase].replace(' ', '_'),
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
