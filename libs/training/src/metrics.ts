/** What a step's parts say together. */
import { meanOf } from '@hone/statistics';
import type { BatchPart, Row } from './data/batch.ts';
import { rewardScale, scoreScale } from './graph/row-numbers.ts';
import { meanOrZero, sidesOf } from './data/sides.ts';
import type { PartResult } from './step-runner.ts';
import type { PreferenceTerm, StartCheck, StepMetrics } from './types.ts';

/** What only the loop knows of a step. */
export type StepFacts = Pick<StepMetrics, 'step' | 'totalSteps' | 'gradientNorm' | 'learningRate'> & {
  readonly term: PreferenceTerm | undefined;
  /** Weight of the NLL in the loss; its own value is reported without it. */
  readonly nllAlpha: number;
  readonly seconds: number;
  /** Which model drew the completions that are marked as drawn; undefined where it is neither. */
  readonly drawnFrom: DrawnFrom | undefined;
  readonly start: StartCheck | undefined;
};

/** The reference, or the start where that is another model. */
export type DrawnFrom = 'reference' | 'start';

/** Parts of a step, and what they gave. */
export type Parts = readonly { readonly part: BatchPart; readonly result: PartResult }[];

/**
 * The reward that a policy stands for: beta times the summed log-ratio to the reference (DPO, arXiv 2305.18290, equation 5), or, for a
 * loss without a reference, beta times what it takes of the log-prob (SimPO, arXiv 2405.14734, equation 4). Examples have none.
 */
function rewardOf(term: PreferenceTerm | undefined, row: Row, logProb: number): number {
  if (!term) return 0;
  const beta = rewardScale(term);
  if (term.loss.needs.reference) return beta * (logProb - row.referenceLogProb);
  return beta * scoreScale(term.loss.needs, row) * logProb;
}

/** Log-probs and rewards of either side, and for each pair or label whether they are in order. */
function measure(parts: Parts, term: PreferenceTerm | undefined) {
  const side = () => ({ logProbs: [] as number[], reference: [] as number[], rewards: [] as number[] });
  const sides = { chosen: side(), rejected: side() };
  const inOrder: number[] = [];
  for (const { part, result } of parts) {
    const reward = (row: number): number => rewardOf(term, part.rows[row]!, result.logProbs[row]!);
    for (const [side, rows] of Object.entries(sidesOf(part)) as ['chosen' | 'rejected', number[]][]) {
      sides[side].logProbs.push(...rows.map((row) => result.logProbs[row]!));
      sides[side].reference.push(...rows.map((row) => part.rows[row]!.referenceLogProb));
      sides[side].rewards.push(...rows.map(reward));
    }
    for (const { chosen, rejected } of part.pairs) inOrder.push(Number(reward(chosen) > reward(rejected)));
    const border = rewardScale(term) * part.kl;
    for (const { row, desirable } of part.labels)
      inOrder.push(Number(desirable ? reward(row) > border : reward(row) < border));
  }
  return { ...sides, inOrder };
}

/**
 * k1 of Schulman, "Approximating KL divergence" (joschu.net/blog/kl-approx.html, 2020): over what one model drew, the mean of the
 * log-ratio of that model to the other. A completion counts once, whatever the number of its pairs. k3, which is never below 0, has
 * exp(log-ratio) in it, of which a sum over a completion's tokens makes any size.
 */
function divergence(parts: Parts, { term, drawnFrom }: StepFacts): number | undefined {
  if (!term?.loss.needs.reference || !drawnFrom) return undefined;
  const ratios = parts.flatMap(({ part, result }) =>
    part.rows.flatMap(({ drawn, referenceLogProb }, row) => (drawn ? [result.logProbs[row]! - referenceLogProb] : [])),
  );
  if (ratios.length === 0) return undefined;
  return drawnFrom === 'reference' ? -meanOf(ratios) : meanOf(ratios);
}

/** Means over pairs or labels. */
function preferenceMetrics(parts: Parts, term: PreferenceTerm | undefined) {
  const { chosen, rejected, inOrder } = measure(parts, term);
  const [chosenReward, rejectedReward] = [meanOrZero(chosen.rewards), meanOrZero(rejected.rewards)];
  const areBoth = chosen.rewards.length > 0 && rejected.rewards.length > 0;
  return {
    chosenLogProb: meanOrZero(chosen.logProbs),
    rejectedLogProb: meanOrZero(rejected.logProbs),
    referenceChosenLogProb: meanOrZero(chosen.reference),
    referenceRejectedLogProb: meanOrZero(rejected.reference),
    chosenReward,
    rejectedReward,
    margin: areBoth ? chosenReward - rejectedReward : 0,
    accuracy: meanOrZero(inOrder),
    referencePoint: parts[0]!.part.kl,
  };
}

export function stepMetrics(parts: Parts, facts: StepFacts): StepMetrics {
  const total = (of: (entry: (typeof parts)[number]) => number): number =>
    parts.reduce((sum, entry) => sum + of(entry), 0);
  const preferenceLoss = total(({ result }) => result.preference);
  const weightedNll = total(({ result }) => result.nll);
  const tokens = total(({ result }) => result.tokens);
  return {
    step: facts.step,
    totalSteps: facts.totalSteps,
    loss: preferenceLoss + weightedNll,
    preferenceLoss,
    nllLoss: facts.nllAlpha > 0 ? weightedNll / facts.nllAlpha : 0,
    ...preferenceMetrics(parts, facts.term),
    gradientNorm: facts.gradientNorm,
    learningRate: facts.learningRate,
    tokens,
    tokensPerSecond: tokens / facts.seconds,
    paddingShare: 1 - tokens / total(({ result }) => result.slots),
    kl: divergence(parts, facts),
    start: facts.start,
  };
}
