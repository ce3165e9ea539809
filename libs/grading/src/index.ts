/** Scorers: from a completion's text and the gold answer to a verdict. */
import { excerpt, invalidArgument } from '@hone/errors';
import * as found from './generated/scorers.ts';
import type { ScorerConfig, ScorerType } from './scorer-type.ts';
import type { Scorer } from './verdict.ts';

export { groupAnswers } from './group-answers.ts';
export { defineScorer, exactly, scorerOf, type Found, type FoundAnswer, type Method, type Target } from './method.ts';
export { answerOnly, type AnswerOnly } from './reading/answer-only.ts';
export { checkConfig, type ScorerConfig, type ScorerType } from './scorer-type.ts';
export type { Choice, Extracted, ScoredVerdict, Scorer, ScoreItem, Span, Step, Verdict } from './verdict.ts';

/** Every scorer of the files in scorers/, by name. */
export const scorerTypes: readonly ScorerType[] = Object.values<ScorerType>(found).sort((left, right) =>
  left.name.localeCompare(right.name),
);

/** The scorer of that name with these settings; an unknown one is an error that lists those there are. */
export function getScorer(name: string, config: ScorerConfig = {}): Scorer {
  const type = scorerTypes.find((candidate) => candidate.name === name);
  if (type) return type.create(config);
  const known = scorerTypes.map((candidate) => candidate.name).join(', ');
  throw invalidArgument('scorer', `there is no scorer "${excerpt(name, 80)}"; there are: ${known}`);
}
