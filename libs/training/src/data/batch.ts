/**
 * Batches: which sequences are forwarded, and with which weight each pair or label and each sequence's NLL enters the loss. The weights
 * hold the whole batch's normalisation, so that a batch may be run in parts whose losses and gradients simply add up.
 */
import type { TokenCounts } from '@hone/losses';
import type { Example, NllReduction, Pair, PreferenceGroup, TokenLogProbs } from '../types.ts';
import { completionsOf, isLabel, itemLength, learnedLength, type GroupItems, type Item } from './items.ts';

/** A sequence to forward. */
export interface Row {
  readonly promptTokenIds: Int32Array;
  readonly completionTokenIds: Int32Array;
  /** Summed log-prob under the reference; 0 where there is no preference term. */
  readonly referenceLogProb: number;
  /** Of its tokens; only where the loss is of tokens. */
  readonly tokenLogProbs?: TokenLogProbs | undefined;
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

/** A row of the part that is desirable or not. */
export interface RowLabel {
  readonly row: number;
  readonly desirable: boolean;
  /** 0 where the data has none. */
  readonly advantage: number;
  /** Weight of this completion's preference term in the loss, or of each of its tokens'. */
  readonly weight: number;
}

/** What one run of the graph takes. */
export interface BatchPart {
  readonly rows: readonly Row[];
  readonly pairs: readonly RowPair[];
  readonly labels: readonly RowLabel[];
  /** The whole batch's KL divergence from the reference; 0 where the loss needs none. */
  readonly kl: number;
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

/** Problems, and the items of each, by falling length of their completions, so that a part holds what is of like length. */
function byLength(batch: readonly GroupItems[]): GroupItems[] {
  return batch
    .map(({ group, items }) => {
      const sorted = [...items].sort((a, b) => itemLength(group, b) - itemLength(group, a));
      return { group, items: sorted, longest: sorted[0] ? itemLength(group, sorted[0]) : 0 };
    })
    .sort((a, b) => b.longest - a.longest);
}

/** What a preference batch is weighted by. */
interface PartsOptions {
  readonly nllAlpha: number;
  readonly nllReduction: NllReduction;
  /** Of the batch; default: 0. */
  readonly kl?: number;
  /** Of each token of a labelled completion, where the loss is of tokens. Else completions, or pairs, count alike. */
  readonly tokenWeight?: (counts: TokenCounts) => number | undefined;
}

/**
 * Parts of a preference batch of at most `maxTokens` tokens each, padding included (one pair alone may exceed it). A completion
 * that occurs in several pairs of a part is one row, and the prompt of several rows is forwarded once.
 */
export function preferenceParts(
  batch: readonly GroupItems[],
  { nllAlpha, nllReduction, kl = 0, tokenWeight }: PartsOptions,
  maxTokens: number,
): BatchPart[] {
  const lengths = batch.flatMap(({ group, items }) => items.map((item) => learnedLength(group, item)));
  const learned = lengths.filter((length) => length > 0);
  const tokens = learned.reduce((sum, length) => sum + length, 0);
  const allTokens = batch.reduce(
    (sum, { group, items }) => items.reduce((sum, item) => sum + itemLength(group, item), sum),
    0,
  );
  const builder = new PartBuilder(maxTokens, kl);
  for (const { group, items } of byLength(batch)) {
    for (const item of items) {
      const length = learnedLength(group, item);
      const nll = length === 0 ? 0 : nllAlpha * nllWeight(nllReduction, length, learned.length, tokens);
      const counts = { length: itemLength(group, item), completions: lengths.length, tokens: allTokens };
      builder.add(group, item, tokenWeight?.(counts) ?? 1 / lengths.length, nll);
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
  return packByLength(rows, maxTokens).map((part) => ({ rows: part, pairs: [], labels: [], kl: 0 }));
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

/** Fills parts pair by pair, or label by label. */
class PartBuilder {
  private readonly done: BatchPart[] = [];
  private rows: Row[] = [];
  private pairs: RowPair[] = [];
  private labels: RowLabel[] = [];
  private size = EMPTY;
  private rowOf = new Map<object, number>();
  private prompts = new Set<object>();

  constructor(
    private readonly maxTokens: number,
    private readonly kl: number,
  ) {}

  /** `nllWeight` is that of the first of its completions. */
  add(group: PreferenceGroup, item: Item, weight: number, nllWeight: number): void {
    if (this.rows.length > 0 && paddedTokens(this.sizeWith(group, item)) > this.maxTokens) this.finish();
    this.size = this.sizeWith(group, item);
    this.prompts.add(group.promptTokenIds);
    const rows = completionsOf(item).map((completion) => this.rowFor(group, group.completions[completion]!));
    this.rows[rows[0]!]!.nllWeight += nllWeight;
    if (isLabel(item))
      this.labels.push({ row: rows[0]!, desirable: item.desirable, advantage: item.advantage ?? 0, weight });
    else this.pairs.push({ chosen: rows[0]!, rejected: rows[1]!, weight });
  }

  private sizeWith(group: PreferenceGroup, item: Item): PartSize {
    const { promptTokenIds, completions } = group;
    const isFresh = (completion: number): boolean => !this.rowOf.has(completions[completion]!);
    return {
      prompts: this.size.prompts + Number(!this.prompts.has(promptTokenIds)),
      longestPrompt: Math.max(this.size.longestPrompt, promptTokenIds.length),
      rows: this.size.rows + completionsOf(item).filter(isFresh).length,
      longestRow: Math.max(this.size.longestRow, itemLength(group, item)),
    };
  }

  private rowFor(group: PreferenceGroup, completion: PreferenceGroup['completions'][number]): number {
    const known = this.rowOf.get(completion);
    if (known !== undefined) return known;
    this.rows.push({
      promptTokenIds: group.promptTokenIds,
      completionTokenIds: completion.tokenIds,
      referenceLogProb: completion.referenceLogProb ?? 0,
      tokenLogProbs: completion.tokenLogProbs,
      nllWeight: 0,
      drawn: completion.drawn,
    });
    this.rowOf.set(completion, this.rows.length - 1);
    return this.rows.length - 1;
  }

  private finish(): void {
    this.done.push({ rows: this.rows, pairs: this.pairs, labels: this.labels, kl: this.kl });
    this.rows = [];
    this.pairs = [];
    this.labels = [];
    this.size = EMPTY;
    this.rowOf = new Map();
    this.prompts = new Set();
  }

  parts(): BatchPart[] {
    if (this.rows.length > 0) this.finish();
    return this.done;
  }
}
