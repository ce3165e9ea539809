/** What a model is asked that shall write new problems: each time after other examples of the run's own. */
import type { ArtifactStore } from '@hone/artifacts';
import { Problem, type Prompt } from '@hone/contracts';
import type { NewPromptSettings } from '@hone/recipes';
import { Random, seedFor } from '@hone/statistics';
import { lastTurn, promptOfText } from './last-turn.ts';

/** A new problem to ask for. */
export interface ProblemRequest {
  /** What the model is asked; its id is that of the new problem. */
  readonly prompt: Prompt;
  /** The first example: the new problem is put as this one is. */
  readonly like: Prompt;
}

/** How they are asked for. */
export interface RequestOptions {
  readonly settings: NewPromptSettings;
  /** Ids are this with a number from 0 behind it. */
  readonly idPrefix: string;
  /** By it and a request's number its examples are drawn, each as likely as any other. */
  readonly seed: bigint;
}

/** As many requests as are asked for, over the problems of a stored set. */
export async function problemRequests(
  store: ArtifactStore,
  set: string,
  { settings, idPrefix, seed }: RequestOptions,
): Promise<ProblemRequest[]> {
  let size = 0;
  const rows = store.readJsonLines(set);
  while (!(await rows.next()).done) size += 1;
  const drawn = Array.from({ length: settings.count }, (_, at) =>
    distinctNumbers(new Random(seedFor('examples', seed, at)), { count: settings.examples, below: size }),
  );
  const prompts = await promptsAt(store, set, new Set(drawn.flat()));
  return drawn.map((numbers, at) => {
    const examples = numbers.map((number) => prompts.get(number)!);
    return { prompt: questionAbout(examples, `${idPrefix}${at}`, settings), like: examples[0]! };
  });
}

/** Different numbers from 0, in the order in which they are drawn; all, where there are no more. */
function distinctNumbers(
  random: Random,
  { count, below }: { readonly count: number; readonly below: number },
): number[] {
  const drawn = new Set<number>();
  while (drawn.size < Math.min(count, below)) drawn.add(Math.floor(random.uniform() * below));
  return [...drawn];
}

async function promptsAt(
  store: ArtifactStore,
  set: string,
  numbers: ReadonlySet<number>,
): Promise<Map<number, Prompt>> {
  const prompts = new Map<number, Prompt>();
  let number = 0;
  for await (const row of store.readJsonLines(set)) {
    if (numbers.has(number)) prompts.set(number, Problem.fromJSON(row).prompt!);
    number += 1;
  }
  return prompts;
}

function questionAbout(
  examples: readonly Prompt[],
  id: string,
  { template, separator, format }: NewPromptSettings,
): Prompt {
  const shown = examples.map((example) => `${lastTurn(example, 'new problems')}${separator}`).join('');
  return promptOfText(
    id,
    template.replace('{examples}', () => shown),
    format,
  );
}
