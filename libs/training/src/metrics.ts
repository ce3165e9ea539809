/** What a step's parts say together. */
import type { BatchPart, Row } from './data/batch.ts';
import { rewardScale, scoreScale } from './graph/pair-loss.ts';
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

interface PairSums {
  chosenLogProb: number;
  rejectedLogProb: number;
  referenceChosenLogProb: number;
  referenceRejectedLogProb: number;
  chosenReward: number;
  rejectedReward: number;
  accuracy: number;
}

/**
 * The reward that a policy stands for: beta times the summed log-ratio to the reference (DPO, arXiv 2305.18290, equation 5), or, for a
 * loss without a reference, beta times what it takes of the log-prob (SimPO, arXiv 2405.14734, equation 4).
 */
function rewardOf(term: PreferenceTerm | undefined, row: Row, logProb: number): number {
  const beta = rewardScale(term);
  if (!term || term.loss.needs.reference) return beta * (logProb - row.referenceLogProb);
  return beta * scoreScale(term.loss.needs, row) * logProb;
}

/** Sums over pairs, or, where there are none, the log-probs of the rows. */
function sumPairs(parts: Parts, term: PreferenceTerm | undefined): { sums: PairSums; count: number } {
  const sums = {
    ...{ chosenLogProb: 0, rejectedLogProb: 0, referenceChosenLogProb: 0, referenceRejectedLogProb: 0 },
    ...{ chosenReward: 0, rejectedReward: 0, accuracy: 0 },
  };
  let count = 0;
  for (const { part, result } of parts) {
    const reward = (row: number): number => rewardOf(term, part.rows[row]!, result.logProbs[row]!);
    for (const { chosen, rejected } of part.pairs) {
      sums.chosenLogProb += result.logProbs[chosen]!;
      sums.rejectedLogProb += result.logProbs[rejected]!;
      sums.referenceChosenLogProb += part.rows[chosen]!.referenceLogProb;
      sums.referenceRejectedLogProb += part.rows[rejected]!.referenceLogProb;
      sums.chosenReward += reward(chosen);
      sums.rejectedReward += reward(rejected);
      sums.accuracy += Number(reward(chosen) > reward(rejected));
    }
    count += part.pairs.length;
    if (part.pairs.length === 0) {
      for (const logProb of result.logProbs) sums.chosenLogProb += logProb;
      count += part.rows.length;
    }
  }
  return { sums, count };
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
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return drawnFrom === 'reference' ? -mean : mean;
}

export function stepMetrics(parts: Parts, facts: StepFacts): StepMetrics {
  const { sums, count } = sumPairs(parts, facts.term);
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
    chosenLogProb: sums.chosenLogProb / count,
    rejectedLogProb: sums.rejectedLogProb / count,
    referenceChosenLogProb: sums.referenceChosenLogProb / count,
    referenceRejectedLogProb: sums.referenceRejectedLogProb / count,
    chosenReward: sums.chosenReward / count,
    rejectedReward: sums.rejectedReward / count,
    margin: (sums.chosenReward - sums.rejectedReward) / count,
    accuracy: sums.accuracy / count,
    gradientNorm: facts.gradientNorm,
    learningRate: facts.learningRate,
    tokens,
    tokensPerSecond: tokens / facts.seconds,
    paddingShare: 1 - tokens / total(({ result }) => result.slots),
    kl: divergence(parts, facts),
    start: facts.start,
  };
}
