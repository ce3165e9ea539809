/** The contract's words for a judgement in those of the library, and back. */
import { FinishReason, Verdict, VerdictState, type ScoreItem as ContractItem } from '@hone/contracts';
import type { ScoreItem } from '@hone/grading';
import type { Judged } from './worker-api.ts';

export function itemOf({ completion, gold, choices, finishReason, prompt }: ContractItem, explain: boolean): ScoreItem {
  return { completion, gold, choices, prompt, explain, truncated: finishReason === FinishReason.LENGTH };
}

export function verdictOf(item: ContractItem, judged: Judged, scorer: { name: string; version: string }): Verdict {
  const common = { id: item.id, scorer: scorer.name, scorerVersion: scorer.version };
  if (judged.state === 'ERROR')
    return Verdict.fromPartial({ ...common, state: VerdictState.ERROR, message: judged.message });
  const explanation = [...(judged.explanation ?? [])];
  if (judged.state !== 'SCORED')
    return Verdict.fromPartial({ ...common, state: VerdictState[judged.state], message: judged.message, explanation });
  const { score, answer: extractedAnswer, span, rule, normalGold } = judged;
  const writtenAnswer = judged.written === extractedAnswer ? '' : judged.written;
  const found = { score, extractedAnswer, writtenAnswer, span, rule, normalGold };
  return Verdict.fromPartial({ ...common, ...found, state: VerdictState.SCORED, explanation });
}
