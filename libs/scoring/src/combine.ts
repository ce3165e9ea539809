/** How the verdicts of several scorers on one item become one. */
import { CombinationRule, messageOf, Verdict, VerdictState, type ScorerCombination } from '@hone/contracts';
import { internal } from '@hone/errors';

/** What the scorers together say of one item. */
interface Outcome {
  readonly state: VerdictState;
  readonly score: number;
}

const isScored = ({ state }: Verdict): boolean => state === VerdictState.SCORED;

/** Of verdicts without a score: a failure may hide anything, a cut-off completion may have been right. */
function openState(verdicts: readonly Verdict[]): VerdictState {
  const states = new Set(verdicts.map(({ state }) => state));
  for (const state of [VerdictState.ERROR, VerdictState.TRUNCATED]) if (states.has(state)) return state;
  return VerdictState.UNSCORABLE;
}

const open = (verdicts: readonly Verdict[]): Outcome => ({
  state: openState(verdicts.filter((verdict) => !isScored(verdict))),
  score: 0,
});
const scored = (score: number): Outcome => ({ state: VerdictState.SCORED, score });

function all(verdicts: readonly Verdict[]): Outcome {
  const least = Math.min(...verdicts.filter(isScored).map(({ score }) => score));
  return least < 1 || verdicts.every(isScored) ? scored(least) : open(verdicts);
}

function any(verdicts: readonly Verdict[]): Outcome {
  const most = Math.max(...verdicts.filter(isScored).map(({ score }) => score));
  if (most >= 1) return scored(most);
  const failed = verdicts.some(({ state }) => state === VerdictState.ERROR);
  return failed || !verdicts.some(isScored) ? open(verdicts) : scored(most);
}

function weightedMean(verdicts: readonly Verdict[], { scorers, threshold }: ScorerCombination): Outcome {
  let [sum, weights] = [0, 0];
  for (const [index, verdict] of verdicts.entries()) {
    // A mean without the failed scorer would be another mean.
    if (verdict.state === VerdictState.ERROR) return open(verdicts);
    if (!isScored(verdict)) continue;
    const weight = scorers[index]!.weight || 1;
    sum += weight * verdict.score;
    weights += weight;
  }
  if (weights === 0) return open(verdicts);
  // A mean of equal scores may miss them by rounding.
  return scored(sum / weights >= threshold - 1e-12 ? 1 : 0);
}

function firstScored(verdicts: readonly Verdict[]): Outcome {
  const first = verdicts.find(isScored);
  return first ? scored(first.score) : open(verdicts);
}

function outcomeOf(verdicts: readonly Verdict[], combination: ScorerCombination): Outcome {
  switch (combination.rule) {
    case CombinationRule.ALL:
      return all(verdicts);
    case CombinationRule.ANY:
      return any(verdicts);
    case CombinationRule.WEIGHTED_MEAN:
      return weightedMean(verdicts, combination);
    case CombinationRule.FIRST_SCORED:
      return firstScored(verdicts);
    case CombinationRule.UNSPECIFIED:
      throw internal('a combination of scorers without a rule');
  }
}

/** One line of what each scorer said. */
const described = (verdicts: readonly Verdict[]): string =>
  verdicts
    .map(({ scorer, state, score, message }) => {
      const said = state === VerdictState.SCORED ? `${score}` : state.replace('VERDICT_STATE_', '').toLowerCase();
      return `${scorer}: ${said}${message && ` (${message})`}`;
    })
    .join('; ');

/** The combined verdict on one item, of the scorers' verdicts in their order. */
export function combineVerdicts(
  verdicts: readonly Verdict[],
  combination: ScorerCombination,
  { scorer, scorerVersion }: { readonly scorer: string; readonly scorerVersion: string },
): Verdict {
  const { state, score } = outcomeOf(verdicts, combination);
  const first = verdicts.find(isScored);
  const evidence = state === VerdictState.SCORED && first;
  const { extractedAnswer, writtenAnswer, normalGold, span, rule: extractor } = evidence || Verdict.fromPartial({});
  const explanation = verdicts.flatMap((verdict) =>
    verdict.explanation.map((step) => ({ ...step, text: `${verdict.scorer}: ${step.text}` })),
  );
  return messageOf(Verdict, {
    ...{
      id: verdicts[0]!.id,
      state,
      score,
      extractedAnswer,
      writtenAnswer,
      normalGold,
      span,
      rule: extractor,
      explanation,
    },
    scorer,
    scorerVersion,
    message: described(verdicts),
  });
}
