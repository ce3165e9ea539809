/**
 * Lays the sequences of a part out for the graph: one run of tokens without padding, and blocks of slots for attention. With
 * shared prompts a prompt stands once in the run and its completions' tokens continue its positions; else each row is its prompt
 * and completion. A sequence's last token predicts nothing and is not forwarded.
 */
import { MASKED, maskName } from '@hone/models';
import type { TensorView } from '@hone/runtime';
import type { Row } from './batch.ts';

export interface Packed {
  readonly feeds: Readonly<Record<string, TensorView>>;
  /** Tokens forwarded. */
  readonly tokens: number;
  /** Slots that attention runs over, padding included. */
  readonly slots: number;
}

export const ints = (data: Int32Array, shape: readonly number[] = [data.length]): TensorView => ({ data, shape });
export const floats = (data: Float32Array, shape: readonly number[] = [data.length]): TensorView => ({ data, shape });

/** A sequence of the run: its tokens, and the position of the first. */
interface Sequence {
  readonly tokenIds: Int32Array;
  readonly position: number;
}

/** A padded block of sequences that follow one another in the run from token `firstToken` on. */
interface PackedBlock {
  readonly sequences: readonly Sequence[];
  readonly length: number;
  readonly firstToken: number;
}

const tokensOf = (sequences: readonly Sequence[]): number =>
  sequences.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);

function toBlock(sequences: readonly Sequence[], firstToken: number): PackedBlock {
  // A block of completions of one token each has none to forward, but a tensor has at least one place.
  const length = Math.max(1, ...sequences.map(({ tokenIds }) => tokenIds.length));
  return { sequences, length, firstToken };
}

/** Windows of the model's layers, each once. */
type Windows = readonly (number | null)[];

/** A mask for each window. */
const masks = (name: string, windows: Windows, of: (window: number | null) => TensorView): Record<string, TensorView> =>
  Object.fromEntries(windows.map((window) => [maskName(name, window), of(window)]));

/** `${name}_rows`, `${name}_filled` and the causal masks of a block. */
function blockFeeds(
  name: string,
  { sequences, length, firstToken }: PackedBlock,
  windows: Windows,
): Record<string, TensorView> {
  const rows = new Int32Array(sequences.length * length);
  const filled = new Float32Array(rows.length);
  let token = firstToken;
  sequences.forEach(({ tokenIds }, sequence) => {
    for (let i = 0; i < tokenIds.length; i++) rows[sequence * length + i] = token++;
    filled.fill(1, sequence * length, sequence * length + tokenIds.length);
  });
  return {
    [`${name}_rows`]: ints(rows, [sequences.length, length]),
    [`${name}_filled`]: floats(filled, [sequences.length, length, 1]),
    ...masks(`${name}_causal_mask`, windows, (window) => floats(causalMask(length, window), [length, length])),
  };
}

/** A position sees itself and those before it, with a sliding window (arXiv 2310.06825, section 2) the last `window` of them. */
function causalMask(length: number, window: number | null): Float32Array {
  const mask = new Float32Array(length * length);
  for (let row = 0; row < length; row++) {
    mask.fill(MASKED, row * length + row + 1, (row + 1) * length);
    if (window !== null && row >= window) mask.fill(MASKED, row * length, row * length + row + 1 - window);
  }
  return mask;
}

/** Ids, positions and slots of the run that blocks make up. */
function runFeeds(blocks: readonly PackedBlock[]): Record<string, TensorView> {
  const tokens = blocks.reduce((sum, { sequences }) => sum + tokensOf(sequences), 0);
  const [ids, positions, slots] = [new Int32Array(tokens), new Int32Array(tokens), new Int32Array(tokens)];
  let [token, firstSlot] = [0, 0];
  for (const { sequences, length } of blocks) {
    sequences.forEach(({ tokenIds, position }, sequence) => {
      tokenIds.forEach((id, i) => {
        ids[token] = id;
        positions[token] = position + i;
        slots[token] = firstSlot + sequence * length + i;
        token += 1;
      });
    });
    firstSlot += sequences.length * length;
  }
  return { token_ids: ints(ids), positions: ints(positions), slots: ints(slots) };
}

/** For each completion token: where in the run it is predicted, its id, and its row. */
function targetFeeds(
  rows: readonly Row[],
  predictedAt: (row: number, token: number) => number,
): Record<string, TensorView> {
  const count = rows.reduce((sum, row) => sum + row.completionTokenIds.length, 0);
  const [index, label, target] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  let filled = 0;
  rows.forEach(({ completionTokenIds }, row) => {
    completionTokenIds.forEach((id, token) => {
      index[filled] = predictedAt(row, token);
      label[filled] = id;
      target[filled] = row;
      filled += 1;
    });
  });
  return { target_index: ints(index), target_label: ints(label), target_row: ints(target) };
}

/** First tokens of sequences that follow one another from `begin` on. */
function beginnings(sequences: readonly Sequence[], begin: number): number[] {
  let next = begin;
  return sequences.map(({ tokenIds }) => (next += tokenIds.length) - tokenIds.length);
}

function joined(...arrays: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  arrays.reduce((at, array) => (all.set(array, at), at + array.length), 0);
  return all;
}

/** Each row is its prompt and completion. */
export function packRows(rows: readonly Row[], windows: Windows): Packed {
  const sequences = rows.map(({ promptTokenIds, completionTokenIds }) => ({
    tokenIds: joined(promptTokenIds, completionTokenIds.subarray(0, -1)),
    position: 0,
  }));
  const block = toBlock(sequences, 0);
  const starts = beginnings(sequences, 0);
  const feeds = {
    ...runFeeds([block]),
    ...blockFeeds('row', block, windows),
    ...targetFeeds(rows, (row, token) => starts[row]! + rows[row]!.promptTokenIds.length - 1 + token),
  };
  return { feeds, tokens: tokensOf(sequences), slots: sequences.length * block.length };
}

/** Each prompt once, rows that hold the very same array sharing it, and then the rows' completions. */
export function packSharedPrompts(rows: readonly Row[], windows: Windows): Packed {
  const prompts = [...new Set(rows.map(({ promptTokenIds }) => promptTokenIds))];
  const promptOf = rows.map(({ promptTokenIds }) => prompts.indexOf(promptTokenIds));
  const promptSequences = prompts.map((tokenIds) => ({ tokenIds, position: 0 }));
  const sequences = rows.map(({ promptTokenIds, completionTokenIds }) => ({
    tokenIds: completionTokenIds.subarray(0, -1),
    position: promptTokenIds.length,
  }));
  const promptTokens = tokensOf(promptSequences);
  const [promptBlock, rowBlock] = [toBlock(promptSequences, 0), toBlock(sequences, promptTokens)];
  const [promptStarts, starts] = [beginnings(promptSequences, 0), beginnings(sequences, promptTokens)];
  const lastOfPrompt = (row: number): number => promptStarts[promptOf[row]!]! + rows[row]!.promptTokenIds.length - 1;
  const feeds = {
    ...runFeeds([promptBlock, rowBlock]),
    ...blockFeeds('prompt', promptBlock, windows),
    ...blockFeeds('row', rowBlock, windows),
    ...membershipFeeds(promptOf, prompts),
    ...masks('prompt_mask', windows, (window) => promptMask(sequences, promptBlock.length, rowBlock.length, window)),
    ...targetFeeds(rows, (row, token) => (token === 0 ? lastOfPrompt(row) : starts[row]! + token - 1)),
  };
  const slots = prompts.length * promptBlock.length + rows.length * rowBlock.length;
  return { feeds, tokens: promptTokens + tokensOf(sequences), slots };
}

/** Whose prompt is whose. */
function membershipFeeds(promptOf: readonly number[], prompts: readonly Int32Array[]): Record<string, TensorView> {
  const membership = new Float32Array(prompts.length * promptOf.length);
  promptOf.forEach((prompt, row) => (membership[prompt * promptOf.length + row] = 1));
  return {
    prompt_of_row: ints(Int32Array.from(promptOf)),
    membership: floats(membership, [prompts.length, promptOf.length]),
  };
}

/**
 * Which slots of its prompt a row may see: those that are no padding, `[rows, 1, promptLength]`; with a sliding window those
 * that it has not left behind, `[rows, length, promptLength]`. A sequence's position is the length of its prompt.
 */
function promptMask(
  sequences: readonly Sequence[],
  promptLength: number,
  length: number,
  window: number | null,
): TensorView {
  const queries = window === null ? 1 : length;
  const mask = new Float32Array(sequences.length * queries * promptLength);
  sequences.forEach(({ position }, row) => {
    for (let query = 0; query < queries; query++) {
      const begin = (row * queries + query) * promptLength;
      mask.fill(MASKED, begin + position, begin + promptLength);
      const leftBehind = window === null ? 0 : Math.min(position, Math.max(0, position + query + 1 - window));
      mask.fill(MASKED, begin, begin + leftBehind);
    }
  });
  return floats(mask, [sequences.length, queries, promptLength]);
}
