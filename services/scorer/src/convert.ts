/** The contract's words for a judgement in those of the library, and back. */
import { FinishReason, Verdict, VerdictState, type ScoreItem } from '@hone/contracts';
import { toHoneError } from '@hone/errors';
import type { Scorer } from '@hone/grading';

/** Judges an item. Where the scorer cannot work with it, that is the item's verdict and does not spoil the batch. */
export function verdictOf(scorer: Scorer, item: ScoreItem): Verdict {
  const common = { id: item.id, scorer: scorer.name, scorerVersion: scorer.version };
  const { completion, gold, choices } = item;
  const truncated = item.finishReason === FinishReason.LENGTH;
  try {
    const judged = scorer.score({ completion, truncated, gold, choices });
    if (judged.state !== 'SCORED') {
      return Verdict.fromPartial({ ...common, state: VerdictState[judged.state], message: judged.message });
    }
    const { score, answer: extractedAnswer, span, rule } = judged;
    return Verdict.fromPartial({ ...common, state: VerdictState.SCORED, score, extractedAnswer, span, rule });
  } catch (thrown) {
    return Verdict.fromPartial({ ...common, state: VerdictState.ERROR, message: toHoneError(thrown).message });
  }
}
