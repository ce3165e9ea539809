/** A completion of a problem as a scorer is asked about it: the same for training and for evaluation. */
import type { ScoreItem } from './generated/hone/scorer/v1/scorer.ts';
import type { Completion } from './generated/hone/types/v1/completion.ts';
import type { Problem } from './generated/hone/types/v1/problem.ts';

export function scoreItemOf(problem: Problem, completion: Completion): ScoreItem {
  return {
    id: `${problem.id}#${completion.sampleIndex}`,
    completion: completion.text,
    finishReason: completion.finishReason,
    gold: problem.gold,
    choices: problem.choices,
    prompt: promptText(problem),
  };
}

/** The prompt's text; of a chat its last turn, which asks the question. */
function promptText({ prompt }: Problem): string {
  if (prompt?.content?.$case === 'text') return prompt.content.value;
  if (prompt?.content?.$case === 'chat') return prompt.content.value.messages.at(-1)?.content ?? '';
  return '';
}
