import type { StepMetrics } from '@hone/contracts';

/** Means over the first and over the last tenth of the steps (at least one step each); `step` is the last of its tenth. */
export function firstAndLastTenth(steps: readonly StepMetrics[]): { first: StepMetrics; last: StepMetrics } {
  const count = Math.max(1, Math.floor(steps.length / 10));
  return { first: meanOf(steps.slice(0, count)), last: meanOf(steps.slice(-count)) };
}

function meanOf(steps: readonly StepMetrics[]): StepMetrics {
  const mean = (field: (metrics: StepMetrics) => number): number =>
    steps.reduce((sum, metrics) => sum + field(metrics), 0) / steps.length;
  return {
    step: steps.at(-1)?.step ?? 0,
    loss: mean((metrics) => metrics.loss),
    preferenceLoss: mean((metrics) => metrics.preferenceLoss),
    nllLoss: mean((metrics) => metrics.nllLoss),
    chosenLogProb: mean((metrics) => metrics.chosenLogProb),
    rejectedLogProb: mean((metrics) => metrics.rejectedLogProb),
    chosenReward: mean((metrics) => metrics.chosenReward),
    rejectedReward: mean((metrics) => metrics.rejectedReward),
    margin: mean((metrics) => metrics.margin),
    accuracy: mean((metrics) => metrics.accuracy),
    gradientNorm: mean((metrics) => metrics.gradientNorm),
    learningRate: mean((metrics) => metrics.learningRate),
    tokens: BigInt(Math.round(mean((metrics) => Number(metrics.tokens)))),
    tokensPerSecond: mean((metrics) => metrics.tokensPerSecond),
    paddingShare: mean((metrics) => metrics.paddingShare),
    referenceChosenLogProb: mean((metrics) => metrics.referenceChosenLogProb),
    referenceRejectedLogProb: mean((metrics) => metrics.referenceRejectedLogProb),
    kl: klOf(steps),
    referencePoint: mean((metrics) => metrics.referencePoint),
    start: undefined,
  };
}

/** Of the steps that have one. */
function klOf(steps: readonly StepMetrics[]): number | undefined {
  const known = steps.flatMap(({ kl }) => kl ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, kl) => sum + kl, 0) / known.length;
}
