import { failedPrecondition } from '@hone/errors';
import type { DecodeGraph } from '../graph/decode-graph.ts';
import { capacityFor, KvCache } from '../cache/kv-cache.ts';
import { PromptCache, type CachedPrompt } from '../cache/prompt-cache.ts';
import { PromptGroups } from '../cache/prompt-groups.ts';
import type { SampledCompletion } from './completion.ts';
import { StepInputs } from './step-inputs.ts';
import { takeToken, type Slot } from './slot.ts';
import type { SampleRequest } from '../validate-requests.ts';

/**
 * Rows of a product with a prompt's keys or values: with one row alone it is another routine, with other rounding. Products with
 * weights are one routine at any number of rows.
 */
const FEWEST_MEMBERS = 2;
/** Larger widths are multiples of this, so that few shapes occur. */
const WIDTH_STEP = 4;

/** A sample in its row. */
interface Occupant {
  readonly slot: Slot;
  readonly prompt: CachedPrompt;
}

/**
 * Rows that decode together, one token a step. Rows join and leave between steps; which rows are together, and how many,
 * does not change any row's numbers.
 */
export class Batch {
  private readonly rows: (Occupant | undefined)[];
  /** What the rows hold behind their prompts. */
  private readonly cache: KvCache;
  private readonly prompts: PromptCache;
  private readonly cachedPrompts = new Map<SampleRequest, CachedPrompt>();
  private readonly groups: PromptGroups;
  private readonly inputs: StepInputs;
  private occupied = 0;

  constructor(
    private readonly graph: DecodeGraph,
    private readonly eosTokenIds: ReadonlySet<number>,
    readonly maxRows: number,
    /** Positions of the cache, all rows together, that its memory allows. */
    private readonly maxPositions: number,
  ) {
    this.rows = new Array<Occupant | undefined>(maxRows).fill(undefined);
    this.cache = new KvCache(graph.cacheLayouts, maxRows);
    this.prompts = new PromptCache(graph.cacheLayouts, maxRows);
    // Query heads that share a key head are rows of one product already.
    const fewestMembers = graph.queryGroup >= FEWEST_MEMBERS ? 1 : FEWEST_MEMBERS;
    this.groups = new PromptGroups(maxRows, graph.keyHeads, fewestMembers);
    this.inputs = new StepInputs(maxRows);
  }

  get size(): number {
    return this.occupied;
  }

  /** Whether a sample of this prompt that may draw so many tokens can join: all rows are as wide as the widest. */
  hasRoomFor(request: SampleRequest, tokenLimit: number): boolean {
    if (this.occupied === 0) return true;
    if (this.occupied === this.maxRows) return false;
    const widest = this.rows.reduce((most, row) => Math.max(most, row?.slot.tokenLimit ?? 0), tokenLimit);
    const prompts = [...this.cachedPrompts.keys()].filter((prompt) => prompt !== request);
    const longest = Math.max(...[...prompts, request].map(({ promptTokenIds }) => promptTokenIds.length - 1));
    const positions = (this.occupied + 1) * capacityFor(widest) + (prompts.length + 1) * capacityFor(longest);
    return positions <= this.maxPositions;
  }

  /** Whether the prompt is held already, for other samples of it. */
  holds(request: SampleRequest): boolean {
    return this.cachedPrompts.has(request);
  }

  /** Puts a sample into a free row. Where its prompt is not held yet, `promptCache` has it, but for the last token. */
  add(slot: Slot, request: SampleRequest, promptCache: KvCache): void {
    const row = this.rows.indexOf(undefined);
    this.rows[row] = { slot, prompt: this.promptFor(request, promptCache) };
    this.occupied += 1;
    this.cache.reserve(slot.tokenLimit);
    this.cache.clear(row);
  }

  private promptFor(request: SampleRequest, promptCache: KvCache): CachedPrompt {
    const held = this.cachedPrompts.get(request);
    if (held) {
      held.users += 1;
      return held;
    }
    const added = this.prompts.add(promptCache);
    this.cachedPrompts.set(request, added);
    return added;
  }

  /** Drops the rows whose stream failed or was cancelled. */
  dropFailed(): void {
    for (const [row, occupant] of this.rows.entries()) if (occupant?.slot.stream.failed) this.free(row);
  }

  /** Draws one token for every row; gives the rows that finished with it. */
  async step(): Promise<{ slot: Slot; completion: SampledCompletion }[]> {
    this.compact();
    const width = this.width();
    const { cache, prompts, groups, inputs } = this;
    cache.shape(width, 1);
    prompts.cache.shape(prompts.size, 0);
    const occupants = Array.from({ length: width }, (_, row) => this.rows[row]);
    groups.fill(
      occupants.map((occupant) => occupant?.prompt),
      prompts.size,
    );
    inputs.fill(
      occupants.map((occupant) => occupant?.slot),
      cache,
    );
    const { tokens, logProbs, newKeyValues } = await this.graph.step({
      rows: cache,
      prompts: prompts.cache,
      groups,
      inputs,
    });
    const finished: { slot: Slot; completion: SampledCompletion }[] = [];
    for (let row = 0; row < width; row++) {
      const slot = this.rows[row]?.slot;
      if (!slot) continue;
      const logProb = logProbs[row] as number;
      if (!Number.isFinite(logProb)) throw notFinite(slot);
      const completion = takeToken(slot, tokens[row] as number, logProb, this.eosTokenIds);
      if (completion) {
        finished.push({ slot, completion });
        this.free(row);
      } else this.cache.append(row, newKeyValues, row, 1, 1);
    }
    return finished;
  }

  private width(): number {
    const { occupied, maxRows } = this;
    return occupied <= 2 ? occupied : Math.min(maxRows, Math.ceil(occupied / WIDTH_STEP) * WIDTH_STEP);
  }

  private free(row: number): void {
    const { prompt } = this.rows[row]!;
    this.rows[row] = undefined;
    this.occupied -= 1;
    this.cache.clear(row);
    this.prompts.leave(prompt);
    if (prompt.users === 0) {
      for (const [request, held] of this.cachedPrompts) if (held === prompt) this.cachedPrompts.delete(request);
    }
  }

  /** Moves the last rows into the holes, so that the rows in use are the first ones. */
  private compact(): void {
    for (let row = 0; row < this.occupied; row++) {
      if (this.rows[row]) continue;
      const last = this.rows.findLastIndex((occupant) => occupant !== undefined);
      this.rows[row] = this.rows[last];
      this.rows[last] = undefined;
      this.cache.copyRow(this.cache, last, row);
      this.cache.clear(last);
    }
  }
}

function notFinite(slot: Slot): Error {
  return failedPrecondition(
    'NON_FINITE_LOGITS',
    `the model gives no finite probabilities for prompt ${slot.promptId}: its weights have diverged`,
  );
}
