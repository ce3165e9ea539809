/** What a step's parts say together. */
import type { BatchPart, Row } from './data/batch.ts';
import { rewardScale, scoreScale } from './graph/pair-loss.ts';
import type { PartResult } from './step-runner.ts';
import type { PreferenceTerm, StepMetrics } from './types.ts';

/** What only the loop knows of a step. */
export type StepFacts = Pick<StepMetrics, 'step' | 'totalSteps' | 'gradientNorm' | 'learningRate'> & {
  readonly term: PreferenceTerm | undefined;
  /** Weight of the NLL in the loss; its own value is reported without it. */
  readonly nllAlpha: number;
  readonly seconds: number;
};

interface PairSums {
  chosenLogProb: number;
  rejectedLogProb: number;
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
function sumPairs(
  parts: readonly { part: BatchPart; result: PartResult }[],
  term: PreferenceTerm | undefined,
): { sums: PairSums; count: number } {
  const sums = { chosenLogProb: 0, rejectedLogProb: 0, chosenReward: 0, rejectedReward: 0, accuracy: 0 };
  let count = 0;
  for (const { part, result } of parts) {
    const reward = (row: number): number => rewardOf(term, part.rows[row]!, result.logProbs[row]!);
    for (const { chosen, rejected } of part.pairs) {
      sums.chosenLogProb += result.logProbs[chosen]!;
      sums.rejectedLogProb += result.logProbs[rejected]!;
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

export function stepMetrics(parts: readonly { part: BatchPart; result: PartResult }[], facts: StepFacts): StepMetrics {
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
    chosenReward: sums.chosenReward / count,
    rejectedReward: sums.rejectedReward / count,
    margin: (sums.chosenReward - sums.rejectedReward) / count,
    accuracy: sums.accuracy / count,
    gradientNorm: facts.gradientNorm,
    learningRate: facts.learningRate,
    tokens,
    tokensPerSecond: tokens / facts.seconds,
    paddingShare: 1 - tokens / total(({ result }) => result.slots),
  };
}
