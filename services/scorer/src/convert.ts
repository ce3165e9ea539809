/** The contract's words for a judgement in those of the library, and back. */
import { FinishReason, Verdict, VerdictState, type ScoreItem as ContractItem } from '@hone/contracts';
import type { ScoreItem } from '@hone/grading';
import type { Judged } from './worker-api.ts';

export function itemOf({ completion, gold, choices, finishReason, prompt }: ContractItem): ScoreItem {
  return { completion, gold, choices, prompt, truncated: finishReason === FinishReason.LENGTH };
}

export function verdictOf(item: ContractItem, judged: Judged, scorer: { name: string; version: string }): Verdict {
  const common = { id: item.id, scorer: scorer.name, scorerVersion: scorer.version };
  if (judged.state !== 'SCORED') {
    return Verdict.fromPartial({ ...common, state: VerdictState[judged.state], message: judged.message });
  }
  const { score, answer: extractedAnswer, span, rule, normalGold } = judged;
  return Verdict.fromPartial({ ...common, state: VerdictState.SCORED, score, extractedAnswer, span, rule, normalGold });
}
