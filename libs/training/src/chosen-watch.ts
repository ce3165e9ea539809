/** Watches for the failure that preference losses invite: the margin grows while the chosen completions get less probable. */
import { meanOrZero, sidesOf } from './data/sides.ts';
import type { Parts } from './metrics.ts';

/** What a job may warn of. */
export type TrainingWarning =
  'CHOSEN_LOG_PROB_FALLS' | 'START_NOT_AT_REFERENCE' | 'WARM_UP_NOT_ENDED' | 'KL_NOT_ESTIMATED';

/** Share of the job's steps that is looked at together. */
const WINDOW_SHARE = 0.1;
/** A fall of the chosen's mean log-prob per token by more than this share of the reference's is a warning. */
const TOLERATED_FALL = 0.2;
/** A fall of less than this, in nats a token, is none: a model that is nearly sure of its tokens moves by large shares of little. */
const SMALLEST_FALL = 0.05;

/** Sums over the chosen of a step, and its margin. */
interface ChosenSums {
  readonly tokens: number;
  readonly policy: number;
  readonly reference: number;
  /** Mean log-ratio of the chosen less that of the rejected, without beta. */
  readonly margin: number;
}

const total = (window: readonly ChosenSums[], key: keyof ChosenSums): number =>
  window.reduce((sum, step) => sum + step[key], 0);

function chosenSums(parts: Parts): ChosenSums {
  const sums = { tokens: 0, policy: 0, reference: 0 };
  const ratios = { chosen: [] as number[], rejected: [] as number[] };
  for (const { part, result } of parts) {
    const ratio = (row: number): number => result.logProbs[row]! - part.rows[row]!.referenceLogProb;
    const { chosen, rejected } = sidesOf(part);
    for (const row of chosen) {
      sums.tokens += part.rows[row]!.completionTokenIds.length;
      sums.policy += result.logProbs[row]!;
      sums.reference += part.rows[row]!.referenceLogProb;
    }
    ratios.chosen.push(...chosen.map(ratio));
    ratios.rejected.push(...rejected.map(ratio));
  }
  return { ...sums, margin: meanOrZero(ratios.chosen) - meanOrZero(ratios.rejected) };
}

/** Compares with the reference on the same pairs, so that it needs no memory of the job's start. */
export class ChosenWatch {
  private readonly window: ChosenSums[] = [];
  private readonly windowSteps: number;
  private warned = false;

  constructor(totalSteps: number) {
    this.windowSteps = Math.max(1, Math.ceil(WINDOW_SHARE * totalSteps));
  }

  /** Takes in a step; gives the warning, once, when it is due. */
  observe(parts: Parts): string | undefined {
    const { window, windowSteps } = this;
    window.push(chosenSums(parts));
    if (window.length > windowSteps) window.shift();
    if (this.warned || window.length < windowSteps || total(window, 'tokens') === 0) return undefined;
    const [policy, reference, margin] = [total(window, 'policy'), total(window, 'reference'), total(window, 'margin')];
    // Log-probs are negative: a fall makes them larger in size.
    if (margin <= 0 || policy >= (1 + TOLERATED_FALL) * reference) return undefined;
    if (reference - policy < SMALLEST_FALL * total(window, 'tokens')) return undefined;
    this.warned = true;
    const perToken = (sum: number): string => (sum / total(window, 'tokens')).toFixed(3);
    return (
      `the chosen completions' mean log-prob per token fell from ${perToken(reference)} (reference) to ${perToken(policy)} ` +
      `over the last ${windowSteps} steps while the margin grew; raise nll_alpha or lower the learning rate`
    );
  }
}
