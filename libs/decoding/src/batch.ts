import { failedPrecondition } from '@hone/errors';
import type { DecodeGraph } from './decode-graph.ts';
import { capacityFor, KvCache } from './kv-cache.ts';
import { StepInputs } from './step-inputs.ts';
import { takeToken, type SampledCompletion, type Slot } from './slot.ts';

/** Fewer rows than this are padded: with one row alone a matrix product is another routine, with other rounding. */
const FEWEST_ROWS = 2;
/** Widths are multiples of this, so that few shapes occur. */
const WIDTH_STEP = 4;

/**
 * Rows that decode together, one token a step. Rows join and leave between steps; which rows are together, and how many,
 * does not change any row's numbers.
 */
export class Batch {
  private readonly slots: (Slot | undefined)[];
  private readonly cache: KvCache;
  private readonly inputs: StepInputs;
  private occupied = 0;

  constructor(
    private readonly graph: DecodeGraph,
    private readonly eosTokenIds: ReadonlySet<number>,
    readonly maxRows: number,
    /** Positions of the cache, all rows together, that its memory allows. */
    private readonly maxPositions: number,
  ) {
    this.slots = new Array<Slot | undefined>(maxRows).fill(undefined);
    this.cache = new KvCache(graph.cacheLayouts, Math.max(maxRows, FEWEST_ROWS));
    this.inputs = new StepInputs(Math.max(maxRows, FEWEST_ROWS));
  }

  get size(): number {
    return this.occupied;
  }

  /** Whether a sample that may need so many positions can join: all rows are as wide as the widest. */
  hasRoomFor(positions: number): boolean {
    if (this.occupied === 0) return true;
    if (this.occupied === this.maxRows) return false;
    const widest = this.slots.reduce((most, slot) => Math.max(most, slot?.positionLimit ?? 0), positions);
    return (this.occupied + 1) * capacityFor(widest) <= this.maxPositions;
  }

  /** Puts a sample into a free row; `prefix` holds its prompt but for the last token. */
  add(slot: Slot, prefix: KvCache): void {
    const row = this.slots.indexOf(undefined);
    this.slots[row] = slot;
    this.occupied += 1;
    this.cache.reserve(slot.positionLimit);
    this.cache.copyRow(prefix, 0, row);
  }

  /** Drops the rows whose stream failed or was cancelled. */
  dropFailed(): void {
    for (const [row, slot] of this.slots.entries()) if (slot?.stream.failed) this.free(row);
  }

  /** Draws one token for every row; gives the rows that finished with it. */
  async step(): Promise<{ slot: Slot; completion: SampledCompletion }[]> {
    this.compact();
    const width = Math.max(FEWEST_ROWS, Math.min(this.maxRows, Math.ceil(this.occupied / WIDTH_STEP) * WIDTH_STEP));
    this.cache.shape(width, 1);
    this.inputs.fill(this.slots, this.cache, width);
    const { tokens, logProbs, newKeyValues } = await this.graph.step(this.cache, this.inputs);
    const finished: { slot: Slot; completion: SampledCompletion }[] = [];
    for (let row = 0; row < width; row++) {
      const slot = this.slots[row];
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

  private free(row: number): void {
    this.slots[row] = undefined;
    this.occupied -= 1;
    this.cache.clear(row);
  }

  /** Moves the last rows into the holes, so that the rows in use are the first ones. */
  private compact(): void {
    for (let row = 0; row < this.occupied; row++) {
      if (this.slots[row]) continue;
      const last = this.slots.findLastIndex((slot) => slot !== undefined);
      this.slots[row] = this.slots[last];
      this.slots[last] = undefined;
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
