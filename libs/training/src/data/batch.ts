/**
 * Batches: which sequences are forwarded, and with which weight each pair and each sequence's NLL enters the loss. The weights
 * hold the whole batch's normalisation, so that a batch may be run in parts whose losses and gradients simply add up.
 */
import type { Example, NllReduction, Pair, PreferenceGroup } from '../types.ts';

/** A sequence to forward. */
export interface Row {
  readonly promptTokenIds: Int32Array;
  readonly completionTokenIds: Int32Array;
  /** Summed log-prob under the reference; 0 where there is no preference term. */
  readonly referenceLogProb: number;
  /** Weight of this sequence's -log p in the loss. */
  nllWeight: number;
  /** As TrainingCompletion has it. */
  readonly drawn?: boolean | undefined;
}

/** A pair of rows of the same part. */
export interface RowPair extends Pair {
  /** Weight of this pair's preference term in the loss. */
  readonly weight: number;
}

/** What one run of the graph takes. */
export interface BatchPart {
  readonly rows: readonly Row[];
  readonly pairs: readonly RowPair[];
}

/** A problem with those of its pairs that are in the batch. */
export interface GroupPairs {
  readonly group: PreferenceGroup;
  readonly pairs: readonly Pair[];
}

const rowLength = (row: Row): number => row.promptTokenIds.length + row.completionTokenIds.length;

/**
 * The weight of one sequence's -log p, such that their weighted sum is the reduction over the batch. `count` sequences of
 * `tokens` tokens in all; a chosen completion counts once a pair.
 */
function nllWeight(reduction: NllReduction, length: number, count: number, tokens: number): number {
  if (reduction === 'SEQUENCE_MEAN') return 1 / (length * count);
  return reduction === 'TOKEN_MEAN' ? 1 / tokens : 1 / count;
}

const pairLength = ({ completions }: PreferenceGroup, { chosen, rejected }: Pair): number =>
  Math.max(completions[chosen]!.tokenIds.length, completions[rejected]!.tokenIds.length);

/** Problems, and the pairs of each, by falling length of their completions, so that a part holds what is of like length. */
function byLength(batch: readonly GroupPairs[]): GroupPairs[] {
  return batch
    .map(({ group, pairs }) => {
      const sorted = [...pairs].sort((a, b) => pairLength(group, b) - pairLength(group, a));
      return { group, pairs: sorted, longest: sorted[0] ? pairLength(group, sorted[0]) : 0 };
    })
    .sort((a, b) => b.longest - a.longest);
}

/**
 * Parts of a preference batch of at most `maxTokens` tokens each, padding included (one pair alone may exceed it). A completion
 * that occurs in several pairs of a part is one row, and the prompt of several rows is forwarded once.
 */
export function preferenceParts(
  batch: readonly GroupPairs[],
  loss: { readonly nllAlpha: number; readonly nllReduction: NllReduction },
  maxTokens: number,
): BatchPart[] {
  const chosenLengths = batch.flatMap(({ group, pairs }) =>
    pairs.map(({ chosen }) => group.completions[chosen]!.tokenIds.length),
  );
  const count = chosenLengths.length;
  const tokens = chosenLengths.reduce((sum, length) => sum + length, 0);
  const builder = new PartBuilder(maxTokens);
  for (const { group, pairs } of byLength(batch)) {
    for (const pair of pairs) {
      const length = group.completions[pair.chosen]!.tokenIds.length;
      const weight = loss.nllAlpha * nllWeight(loss.nllReduction, length, count, tokens);
      builder.add(group, pair, 1 / count, weight);
    }
  }
  return builder.parts();
}

/** Parts of a batch of demonstrations. */
export function exampleParts(examples: readonly Example[], reduction: NllReduction, maxTokens: number): BatchPart[] {
  const tokens = examples.reduce((sum, { completionTokenIds }) => sum + completionTokenIds.length, 0);
  const rows = examples.map(({ promptTokenIds, completionTokenIds }) => ({
    promptTokenIds,
    completionTokenIds,
    referenceLogProb: 0,
    nllWeight: nllWeight(reduction, completionTokenIds.length, examples.length, tokens),
  }));
  return packByLength(rows, maxTokens).map((part) => ({ rows: part, pairs: [] }));
}

/** Rows in parts of at most `maxTokens` padded tokens: those of like length together, so that little is padding. */
export function packByLength<Item extends Row>(rows: readonly Item[], maxTokens: number): Item[][] {
  const parts: Item[][] = [];
  for (const row of [...rows].sort((a, b) => rowLength(b) - rowLength(a))) {
    const part = parts.at(-1);
    if (part && (part.length + 1) * rowLength(part[0]!) <= maxTokens) part.push(row);
    else parts.push([row]);
  }
  return parts;
}

/** Sequences of a part and their longest lengths. */
interface PartSize {
  readonly prompts: number;
  readonly longestPrompt: number;
  readonly rows: number;
  readonly longestRow: number;
}
const EMPTY: PartSize = { prompts: 0, longestPrompt: 0, rows: 0, longestRow: 0 };
const paddedTokens = ({ prompts, longestPrompt, rows, longestRow }: PartSize): number =>
  prompts * longestPrompt + rows * longestRow;

/** Fills parts pair by pair. */
class PartBuilder {
  private readonly done: BatchPart[] = [];
  private rows: Row[] = [];
  private pairs: RowPair[] = [];
  private size = EMPTY;
  private rowOf = new Map<object, number>();
  private prompts = new Set<object>();

  constructor(private readonly maxTokens: number) {}

  add(group: PreferenceGroup, pair: Pair, weight: number, chosenNllWeight: number): void {
    if (this.rows.length > 0 && paddedTokens(this.sizeWith(group, pair)) > this.maxTokens) this.finish();
    this.size = this.sizeWith(group, pair);
    this.prompts.add(group.promptTokenIds);
    const completions = [group.completions[pair.chosen]!, group.completions[pair.rejected]!];
    const [chosen, rejected] = completions.map((completion) => this.rowFor(group, completion)) as [number, number];
    this.rows[chosen]!.nllWeight += chosenNllWeight;
    this.pairs.push({ chosen, rejected, weight });
  }

  private sizeWith(group: PreferenceGroup, pair: Pair): PartSize {
    const { promptTokenIds, completions } = group;
    const isFresh = (completion: number): boolean => !this.rowOf.has(completions[completion]!);
    return {
      prompts: this.size.prompts + Number(!this.prompts.has(promptTokenIds)),
      longestPrompt: Math.max(this.size.longestPrompt, promptTokenIds.length),
      rows: this.size.rows + [pair.chosen, pair.rejected].filter(isFresh).length,
      longestRow: Math.max(this.size.longestRow, pairLength(group, pair)),
    };
  }

  private rowFor(group: PreferenceGroup, completion: PreferenceGroup['completions'][number]): number {
    const known = this.rowOf.get(completion);
    if (known !== undefined) return known;
    this.rows.push({
      promptTokenIds: group.promptTokenIds,
      completionTokenIds: completion.tokenIds,
      referenceLogProb: completion.referenceLogProb ?? 0,
      nllWeight: 0,
      drawn: completion.drawn,
    });
    this.rowOf.set(completion, this.rows.length - 1);
    return this.rows.length - 1;
  }

  private finish(): void {
    this.done.push({ rows: this.rows, pairs: this.pairs });
    this.rows = [];
    this.pairs = [];
    this.size = EMPTY;
    this.rowOf = new Map();
    this.prompts = new Set();
  }

  parts(): BatchPart[] {
    if (this.rows.length > 0) this.finish();
    return this.done;
  }
}
