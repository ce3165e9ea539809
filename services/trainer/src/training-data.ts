import type { ArtifactStore } from '@hone/artifacts';
import { Example, PreferenceGroup, unpackInt32, type Pair } from '@hone/contracts';
import { failedPrecondition, invalidArgument, throwIfAborted } from '@hone/errors';
import type { Example as TokenExample, PreferenceGroup as TokenGroup } from '@hone/training';
import type { ExampleTokenizer } from './example-tokenizer.ts';

/** What training takes, and how many pairs or examples were too long for it. */
export interface TrainingData<Record> {
  readonly records: Record[];
  readonly droppedTooLong: number;
}

/** What a record must fit into. */
export interface DataLimits {
  /** Prompt and completion together. */
  readonly maxTokens: number;
  readonly vocabSize: number;
  readonly signal: AbortSignal;
}

/** Reads preference groups; pairs with a completion that is too long are dropped, and so is what no pair is left of. */
export async function readGroups(
  store: ArtifactStore,
  digest: string,
  tokenizer: () => Promise<ExampleTokenizer>,
  limits: DataLimits,
): Promise<TrainingData<TokenGroup>> {
  const records: TokenGroup[] = [];
  let droppedTooLong = 0;
  for await (const row of store.readJsonLines(digest)) {
    throwIfAborted(limits.signal);
    const group = PreferenceGroup.fromJSON(row);
    const isText = group.promptText !== '';
    const groups = isText ? (await tokenizer()).encodePairs(group) : [groupTokens(group, limits.vocabSize)];
    for (const tokens of groups) {
      const fits = tokens.completions.map(
        ({ tokenIds }) => tokens.promptTokenIds.length + tokenIds.length <= limits.maxTokens,
      );
      const pairs = tokens.pairs.filter(({ chosen, rejected }) => fits[chosen] && fits[rejected]);
      droppedTooLong += tokens.pairs.length - pairs.length;
      if (pairs.length > 0) records.push(onlyUsed({ ...tokens, pairs }));
    }
  }
  return { records: requireSome(records, droppedTooLong, limits), droppedTooLong };
}

function groupTokens(group: PreferenceGroup, vocabSize: number): TokenGroup {
  const { problemId, pairs } = group;
  const where = `problem "${problemId}"`;
  return {
    problemId,
    promptTokenIds: tokensOf(group.promptTokenIds, vocabSize, where),
    completions: group.completions.map(({ tokenIds, referenceLogProb }) => ({
      tokenIds: tokensOf(tokenIds, vocabSize, where),
      ...(referenceLogProb === undefined ? {} : { referenceLogProb }),
    })),
    pairs,
  };
}

/** Leaves out completions that occur in no pair, so that they are not forwarded. */
function onlyUsed(group: TokenGroup & { pairs: readonly Pair[] }): TokenGroup {
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
export async function readExamples(
  store: ArtifactStore,
  digest: string,
  tokenizer: () => Promise<ExampleTokenizer>,
  limits: DataLimits,
): Promise<TrainingData<TokenExample>> {
  const records: TokenExample[] = [];
  let droppedTooLong = 0;
  let index = 0;
  for await (const row of store.readJsonLines(digest)) {
    throwIfAborted(limits.signal);
    const example = Example.fromJSON(row);
    const where = `example ${example.id ? `"${example.id}"` : index}`;
    const tokens = example.promptText
      ? (await tokenizer()).encode(example)
      : {
          promptTokenIds: tokensOf(example.promptTokenIds, limits.vocabSize, where),
          completionTokenIds: tokensOf(example.completionTokenIds, limits.vocabSize, where),
        };
    if (tokens.promptTokenIds.length + tokens.completionTokenIds.length <= limits.maxTokens) records.push(tokens);
    else droppedTooLong += 1;
    index += 1;
  }
  return { records: requireSome(records, droppedTooLong, limits), droppedTooLong };
}

function tokensOf(bytes: Buffer, vocabSize: number, where: string): Int32Array {
  const ids = unpackInt32(bytes, 'dataset');
  const stranger = ids.find((id) => id < 0 || id >= vocabSize);
  if (stranger === undefined) return ids;
  const rule = `${where} has token ${stranger}, but the checkpoint's vocabulary has ${vocabSize} tokens`;
  throw invalidArgument('dataset', `${rule}: make the dataset with the tokenizer of the same checkpoint`);
}

function requireSome<Record>(records: Record[], dropped: number, { maxTokens }: DataLimits): Record[] {
  if (records.length > 0) return records;
  const message =
    `nothing is left to train on: all ${dropped} records are longer than ${maxTokens} tokens ` +
    '(prompt and completion together); raise spec.max_length, where the model has room, or send shorter ones';
  throw failedPrecondition('NO_TRAINING_DATA', message);
}
