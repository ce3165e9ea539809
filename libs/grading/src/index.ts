/** Scorers: from a completion's text and the gold answer to a verdict. */
import { excerpt, invalidArgument } from '@hone/errors';
import { choice } from './choice/index.ts';
import { exact } from './exact.ts';
import { gsm8k } from './gsm8k/gsm8k.ts';
import { math } from './math/index.ts';
import { regex } from './regex.ts';
import { plain, type ScorerConfig, type ScorerType } from './scorer-type.ts';
import type { Scorer } from './verdict.ts';

export { groupAnswers } from './group-answers.ts';
export { answerOnly, type AnswerOnly } from './reading/answer-only.ts';
export { checkConfig, type ScorerConfig, type ScorerType } from './scorer-type.ts';
export type { Choice, Extracted, ScoredVerdict, Scorer, ScoreItem, Span, Step, Verdict } from './verdict.ts';

/** All scorers, by name. */
export const scorerTypes: readonly ScorerType[] = [plain(choice), plain(exact), plain(gsm8k), plain(math), regex];

/** The scorer of that name with these settings; an unknown one is an error that lists those there are. */
export function getScorer(name: string, config: ScorerConfig = {}): Scorer {
  const type = scorerTypes.find((candidate) => candidate.name === name);
  if (type) return type.create(config);
  const known = scorerTypes.map((candidate) => candidate.name).join(', ');
  throw invalidArgument('scorer', `there is no scorer "${excerpt(name, 80)}"; there are: ${known}`);
}
