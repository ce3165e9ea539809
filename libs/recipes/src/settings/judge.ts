/** How a model of the run judges completions: what it is asked, and how its answers become a score. */
import { MOST_POINTS, POINTS_LABEL, POINTS_TEMPLATE } from '@hone/grading/judging';
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { withInitial } from './initial.ts';
import { whole } from './numbers.ts';
import { sampling } from './sampling.ts';

/** As a model is asked where not as the problems are: as a user who begins a chat, or with a bare text. */
export const promptFormat = z
  .enum(['chat', 'text'])
  .default('chat')
  .describe('Ask as the user of a chat, or by a text, which is for models without a chat template.');

export const judge = z.strictObject({
  template: z
    .string()
    .max(LIMITS.scorerSettingChars)
    .includes('{completion}', 'must have {completion} in it')
    .default(POINTS_TEMPLATE)
    .describe('The question; {problem}, {completion} and {gold} in it are those of the completion that is judged.'),
  label: z
    .string()
    .max(LIMITS.stopTextChars)
    .default(POINTS_LABEL)
    .describe(
      'What stands in front of the points in an answer; the last such place counts. Empty, the last number of the answer is the points.',
    ),
  points: whole(1, LIMITS.judgePoints)
    .default(MOST_POINTS)
    .describe('The most points that the template speaks of; a score is the share of them, 0 to 1.'),
  draws: whole(1, LIMITS.judgeDraws)
    .default(3)
    .describe('Answers to each question, of whose points the score is the mean; those without points are left out.'),
  format: promptFormat,
  ...withInitial(sampling, { temperature: 0.7, top_p: 0.9 }).shape,
});
export type JudgeSettings = z.output<typeof judge>;
