/** The sums for a model that judges and writes problems itself: it has learned all three tasks before. */
import { Example, type Problem } from '@hone/contracts';
import { problems } from './sums.ts';

/** Sums that a run has; those of the left sides from 7 on are for the model to think of. */
export const knownSums = (): Problem[] => problems().filter(({ id }) => Number(id[0]) < 7);

/** What the model likes: answers from this on. */
export const LIKED_FROM = 9;

/** How it is asked to judge: it is shown an answer, and gives it a point if it likes it. */
export const JUDGE = {
  template: '{completion} add',
  format: 'text',
  label: '####',
  points: 1,
  draws: 2,
  max_tokens: 4,
};

/** How it is asked for problems: behind two others. */
export const NEW_PROMPTS = {
  ...{ count: 30, examples: 2, template: '{examples}', separator: ' #### ', format: 'text' },
  ...{ temperature: 1, top_p: 1, max_tokens: 6 },
};

const example = (id: string, promptText: string, completionText: string): Example =>
  Example.fromPartial({ id, promptText, completionText });

/** Numbers that look random and are always the same. */
const mixed = (at: number, below: number): number => ((at * 2654435761) >>> 7) % below;

/** Answers of which every third is one too low, so that samples disagree; judgements; and problems that follow two others. */
export function threeTasks(): Example[] {
  const sums = problems().map(({ id, prompt, gold }, at) => {
    const said = at % 3 === 0 ? Math.max(0, Number(gold) - 1) : Number(gold);
    return example(`sum-${id}`, textOf(prompt), ` #### ${said}`);
  });
  const judgements = Array.from({ length: 95 }, (_, at) => at % 19).map((answer, at) =>
    example(`judge-${at}`, `#### ${answer} add`, ` #### ${answer < LIKED_FROM ? 0 : 1}`),
  );
  const texts = problems().map(({ prompt }) => textOf(prompt));
  const written = Array.from({ length: 200 }, (_, at) => {
    const [first, second, third] = [1, 2, 3].map((part) => texts[mixed(3 * at + part, texts.length)]!);
    return example(`write-${at}`, `${first} #### ${second} ####`, ` ${third} ####`);
  });
  return [...sums, ...judgements, ...written];
}

const textOf = (prompt: Problem['prompt']): string => (prompt?.content?.$case === 'text' ? prompt.content.value : '');
