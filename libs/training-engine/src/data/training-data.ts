import type { ArtifactStore } from '@hone/artifacts';
import { Example, packInt32, PreferenceGroup, unpackFloat32, unpackInt32 } from '@hone/contracts';
import { isText, kindOfExample, kindOfGroup } from '@hone/datasets';
import { failedPrecondition, invalidArgument, throwIfAborted } from '@hone/errors';
import type { Example as TokenExample, PreferenceGroup as TokenGroup } from '@hone/training';
import { TEXT_LIMIT_MS, withinLimit } from '@hone/workers';
import type { ExampleTokenizer } from './example-tokenizer.ts';
import { RecordFile, type RecordFormat } from './record-file.ts';
import { exampleFormat, groupFormat, labelledFormat, labelledGroup } from './record-formats.ts';

/** What training takes, and how many pairs or examples were too long for it. */
export interface TrainingData<Item> {
  /** Whoever asked for them closes them. */
  readonly records: RecordFile<Item>;
  readonly droppedTooLong: number;
}

/** Preference groups, and whether all completions come with their reference log-prob. */
export interface GroupData extends TrainingData<TokenGroup> {
  readonly hasReference: boolean;
}

/** A dataset, and what reading it takes. */
export interface DataSource {
  readonly store: ArtifactStore;
  readonly digest: string;
  /** Where the records that are trained on lie while they are. */
  readonly workFolder: string;
  readonly tokenizer: () => Promise<ExampleTokenizer>;
  readonly limits: DataLimits;
}

/** What a record must fit into. */
export interface DataLimits {
  /** Prompt and completion together. */
  readonly maxTokens: number;
  readonly vocabSize: number;
  readonly signal: AbortSignal;
}

/**
 * Reads preference groups; pairs with a completion that is too long are dropped, and so is what no pair is left of. Log-probs that the
 * data has are those of the model that it was sampled from: where the reference is another one, they are left out.
 */
export async function readGroups(
  source: DataSource,
  { referenceSampled }: { readonly referenceSampled: boolean },
): Promise<GroupData> {
  const { maxTokens } = source.limits;
  let hasReference = true;
  const data = await collect(source, groupFormat, async (row, add) => {
    const group = PreferenceGroup.fromJSON(row);
    const groups = await tokenGroups(group, source);
    let dropped = 0;
    for (const tokens of groups) {
      const fits = tokens.completions.map(
        ({ tokenIds }) => tokens.promptTokenIds.length + tokenIds.length <= maxTokens,
      );
      const pairs = tokens.pairs.filter(({ chosen, rejected }) => fits[chosen] && fits[rejected]);
      dropped += tokens.pairs.length - pairs.length;
      if (pairs.length === 0) continue;
      const used = onlyUsed({
        ...tokens,
        pairs,
        ...(!referenceSampled && { completions: tokens.completions.map(withoutLogProbs) }),
      });
      hasReference &&= used.completions.every(({ referenceLogProb }) => referenceLogProb !== undefined);
      await add(used);
    }
    return dropped;
  });
  return { ...data, hasReference };
}

/** A group as token ids: what is text in it, or all of it, is tokenised. */
async function tokenGroups(group: PreferenceGroup, { tokenizer: open, limits }: DataSource): Promise<TokenGroup[]> {
  const isTokens = kindOfGroup(group) === 'tokens';
  if (isTokens && !group.completions.some(isText)) return [groupTokens(group, limits.vocabSize)];
  const tokenizer = await open();
  if (!isTokens) return withinLimit(TEXT_LIMIT_MS, () => tokenizer.encodePairs(group));
  const completions = await withinLimit(TEXT_LIMIT_MS, () => withTokens(group, tokenizer));
  return [groupTokens({ ...group, completions }, limits.vocabSize)];
}

/** Completions of a group of token ids, also those that come as text. */
function withTokens(
  { problemId, promptTokenIds, completions }: PreferenceGroup,
  tokenizer: ExampleTokenizer,
): Promise<PreferenceGroup['completions']> {
  const prompt = unpackInt32(promptTokenIds, 'dataset');
  return Promise.all(
    completions.map(async (completion) => {
      if (!isText(completion)) return completion;
      const tokenIds = await tokenizer.encodeBehind(prompt, completion.text, `problem "${problemId}"`);
      return { ...completion, tokenIds: packInt32(tokenIds) };
    }),
  );
}

/** Puts what `take` makes of each row into a file; `take` gives how many it left out as too long. */
async function collect<Item>(
  { store, digest, workFolder, limits }: DataSource,
  format: RecordFormat<Item>,
  take: (row: unknown, add: (item: Item) => Promise<void>) => Promise<number>,
): Promise<TrainingData<Item>> {
  const records = await RecordFile.create(workFolder, format);
  try {
    let droppedTooLong = 0;
    for await (const row of store.readJsonLines(digest)) {
      throwIfAborted(limits.signal);
      droppedTooLong += await take(row, (item) => records.append(item));
    }
    await records.flush();
    requireSome(records.length, droppedTooLong, limits);
    return { records, droppedTooLong };
  } catch (thrown) {
    await records.close();
    throw thrown;
  }
}

function groupTokens(group: PreferenceGroup, vocabSize: number): TokenGroup {
  const { problemId, pairs } = group;
  const where = `problem "${problemId}"`;
  return {
    problemId,
    promptTokenIds: tokensOf(group.promptTokenIds, vocabSize, where),
    completions: group.completions.map(({ tokenIds, referenceLogProb, sampledLogProbs }) => ({
      tokenIds: tokensOf(tokenIds, vocabSize, where),
      // Solutions and what earlier policies drew come without.
      drawn: referenceLogProb !== undefined || sampledLogProbs.length > 0,
      ...(referenceLogProb === undefined ? {} : { referenceLogProb }),
      ...(sampledLogProbs.length > 0 && { sampledLogProbs: unpackFloat32(sampledLogProbs, 'dataset') }),
    })),
    pairs,
  };
}

const withoutLogProbs = ({ tokenIds, drawn = false }: TokenGroup['completions'][number]) => ({ tokenIds, drawn });

/** Leaves out completions that occur in no pair, so that they are not forwarded. */
function onlyUsed(group: TokenGroup): TokenGroup {
  const used = group.completions.map((_, index) =>
    group.pairs.some(({ chosen, rejected }) => chosen === index || rejected === index),
  );
  const place = used.map((_, index) => used.slice(0, index).filter(Boolean).length);
  return {
    ...group,
    completions: group.completions.filter((_, index) => used[index]),
    pairs: group.pairs.map(({ chosen, rejected }) => ({ chosen: place[chosen]!, rejected: place[rejected]! })),
  };
}

/** Reads examples; those given as text are tokenised, and those that are too long are dropped. */
export const readExamples = (source: DataSource): Promise<TrainingData<TokenExample>> =>
  collectExamples(source, exampleFormat, (tokens) => tokens);

/** Reads examples with labels or advantages, each as a group of one completion, of which no reference log-prob is known. */
export async function readLabelled(source: DataSource): Promise<GroupData> {
  return { ...(await collectExamples(source, labelledFormat, labelledGroup)), hasReference: false };
}

function collectExamples<Item>(
  source: DataSource,
  format: RecordFormat<Item>,
  make: (tokens: TokenExample, example: Example) => Item,
): Promise<TrainingData<Item>> {
  let index = 0;
  return collect(source, format, async (row, add) => {
    const example = Example.fromJSON(row);
    const tokens = await exampleTokens(example, `example ${example.id ? `"${example.id}"` : index}`, source);
    index += 1;
    if (tokens.promptTokenIds.length + tokens.completionTokenIds.length > source.limits.maxTokens) return 1;
    await add(make(tokens, example));
    return 0;
  });
}

async function exampleTokens(example: Example, where: string, source: DataSource): Promise<TokenExample> {
  if (kindOfExample(example) !== 'tokens') {
    const tokenizer = await source.tokenizer();
    return withinLimit(TEXT_LIMIT_MS, () => tokenizer.encode(example));
  }
  const { vocabSize } = source.limits;
  return {
    promptTokenIds: tokensOf(example.promptTokenIds, vocabSize, where),
    completionTokenIds: tokensOf(example.completionTokenIds, vocabSize, where),
  };
}

function tokensOf(bytes: Buffer, vocabSize: number, where: string): Int32Array {
  const ids = unpackInt32(bytes, 'dataset');
  const stranger = ids.find((id) => id < 0 || id >= vocabSize);
  if (stranger === undefined) return ids;
  const rule = `${where} has token ${stranger}, but the checkpoint's vocabulary has ${vocabSize} tokens`;
  throw invalidArgument('dataset', `${rule}: make the dataset with the tokenizer of the same checkpoint`);
}

function requireSome(count: number, dropped: number, { maxTokens }: DataLimits): void {
  if (count > 0) return;
  const message =
    `nothing is left to train on: all ${dropped} records are longer than ${maxTokens} tokens ` +
    '(prompt and completion together); raise spec.max_length, where the model has room, or send shorter ones';
  throw failedPrecondition('NO_TRAINING_DATA', message);
}
