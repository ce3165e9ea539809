/** How training moved log-probs: against its start, against the reference, and against what samplers said. */
import { resultOf, type Iteration, type StepMetrics, type TrainResponse } from '@hone/contracts';
import { columnsOf, prose, table } from '@hone/terminal';

const hundredths = (value = NaN): string => value.toFixed(2);
const change = (first: number | undefined, last: number | undefined): string =>
  `${hundredths(first)} → ${hundredths(last)}`;
const nats = (value: number): string => value.toPrecision(2);

/** A training on pairs; those on examples have no rejected completions. */
interface Trained {
  readonly index: number;
  readonly training: TrainResponse;
}

const preferred = (iterations: readonly Iteration[]): Trained[] =>
  iterations.flatMap((iteration) => {
    const training = resultOf(iteration, 'train');
    return training?.first?.rejectedLogProb ? [{ index: iteration.index, training }] : [];
  });

/** How training moved the log-probs of chosen and rejected completions. */
const logProbTable = (trained: readonly Trained[]): string =>
  table(
    ['iteration', 'chosen log p', 'rejected log p', 'margin'],
    trained.map(({ index, training: { first, last } }) => [
      String(index),
      change(first?.chosenLogProb, last?.chosenLogProb),
      change(first?.rejectedLogProb, last?.rejectedLogProb),
      change(first?.margin, last?.margin),
    ]),
  );

/** Log-ratios to the reference, of the same completions; undefined where there is no reference. */
function fromReference(metrics: StepMetrics | undefined) {
  if (!metrics || metrics.referenceChosenLogProb === 0) return undefined;
  return {
    chosen: metrics.chosenLogProb - metrics.referenceChosenLogProb,
    rejected: metrics.rejectedLogProb - metrics.referenceRejectedLogProb,
  };
}

const REFERENCE_MEANING =
  '- ref: log p less that of the reference on the same pairs, and KL: mean log-ratio of what was drawn (k1), in nats a completion over the ' +
  'last tenth; start, due: the loss before the first update, and at equal log-probs; gap: |log p of trainer - of sampler| a token there';

/** How far the policy went from its reference, and whether it started there; undefined where no training had one. */
function referenceTable(trained: readonly Trained[]): string | undefined {
  const rows = trained.flatMap(({ index, training: { last, start } }) => {
    const ratios = fromReference(last);
    if (!ratios) return [];
    const started = start
      ? [start.preferenceLoss.toFixed(4), start.expectedLoss.toFixed(4), nats(start.logProbGap)]
      : [];
    const kl = last?.kl === undefined ? '' : hundredths(last.kl);
    return [[String(index), hundredths(ratios.chosen), hundredths(ratios.rejected), kl, ...started]];
  });
  if (rows.length === 0) return undefined;
  const head = ['iteration', 'chosen - ref', 'rejected - ref', 'KL', 'start', 'due', 'gap'];
  return `${table(head, rows)}\n${prose(REFERENCE_MEANING, columnsOf())}`;
}

/** How far log-probs of sampling were from those that training computed again, where any were. */
function gapTable(iterations: readonly Iteration[]): string | undefined {
  const rows = iterations.flatMap((iteration) => {
    const gap = resultOf(iteration, 'train')?.logProbGap;
    return gap ? [[String(iteration.index), ...[gap.mean, gap.p99, gap.largest].map(nats)]] : [];
  });
  if (rows.length === 0) return undefined;
  const shown = table(['iteration', 'log-prob gap: mean', '99 %', 'largest'], rows);
  return `${shown}\ngap: |sampled − recomputed| log p of each token, in nats`;
}

/** Tables of the iterations' trainings, each with what it means. */
export function trainingTables(iterations: readonly Iteration[]): string[] {
  const trained = preferred(iterations);
  const moved = `${logProbTable(trained)}\nlog p: mean over the first tenth → the last tenth of the training steps`;
  return [trained.length > 0 ? moved : undefined, referenceTable(trained), gapTable(iterations)].filter(
    (text) => text !== undefined,
  );
}

/** A training for programs. */
export function trainingDocument({ first, last, steps, start, logProbGap: gap }: TrainResponse) {
  const ratios = fromReference(last);
  return {
    log_probs: {
      chosen: { first_tenth: first?.chosenLogProb, last_tenth: last?.chosenLogProb },
      rejected: { first_tenth: first?.rejectedLogProb, last_tenth: last?.rejectedLogProb },
    },
    margin: { first_tenth: first?.margin, last_tenth: last?.margin },
    ...(ratios && { log_ratios_to_reference: ratios }),
    ...(last?.kl !== undefined && { kl: last.kl }),
    ...(start && {
      start: {
        preference_loss: start.preferenceLoss,
        expected_loss: start.expectedLoss,
        log_prob_gap: start.logProbGap,
      },
    }),
    training_steps: steps,
    ...(gap && {
      log_prob_gap: { mean: gap.mean, p99: gap.p99, largest: gap.largest, tokens: Number(gap.tokens) },
    }),
  };
}
