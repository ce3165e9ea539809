import { MASKED } from '@hone/models';
import { CacheTensor, type CacheTensorLayout } from './cache-tensor.ts';

/**
 * Capacities are multiples of this. Reductions over positions (softmax, the product with the values) then begin their
 * vector blocks at the same positions whatever the capacity, and masked positions add exact zeros: a row's numbers are
 * the same bit by bit in a batch of short rows and in one of long rows.
 */
export const CAPACITY_STEP = 64;

/** The smallest capacity that holds so many positions. */
export function capacityFor(positions: number): number {
  return Math.max(1, Math.ceil(positions / CAPACITY_STEP)) * CAPACITY_STEP;
}

/** Keys and values of the rows of a batch, `lengths[row]` positions each, with the mask over them. */
export class KvCache {
  /** Rows of the batch that are fed to the graph. */
  width = 0;
  capacity = CAPACITY_STEP;
  /** Counts the times that the arrays were replaced by larger ones: views from before are stale. */
  generation = 0;
  private readonly tensors: readonly CacheTensor[];
  private readonly lengths: Int32Array;
  private mask = new Float32Array(0);

  constructor(
    layouts: readonly CacheTensorLayout[],
    readonly maxRows: number,
  ) {
    this.tensors = layouts.map((layout) => new CacheTensor(layout));
    this.lengths = new Int32Array(maxRows);
    this.reserve(CAPACITY_STEP);
    for (let row = 0; row < maxRows; row++) this.writeMask(row);
  }

  /** Positions that a row holds. */
  length(row: number): number {
    return this.lengths[row] as number;
  }

  /** Makes room, once, for rows that will grow up to so many positions. */
  reserve(positions: number): void {
    const capacity = capacityFor(positions);
    if (this.maxRows * capacity <= this.mask.length) return;
    for (const tensor of this.tensors) tensor.reserve(this.maxRows, capacity);
    const larger = new Float32Array(this.maxRows * capacity);
    larger.set(this.mask);
    this.mask = larger;
    this.generation += 1;
  }

  /**
   * Chooses how many rows are fed, and the capacity for the longest of them and `ahead` positions more. A cache that
   * holds less than it has room for shrinks only where it will not soon grow again.
   */
  shape(width: number, ahead: number): void {
    const longest = this.lengths.subarray(0, width).reduce((most, length) => Math.max(most, length), 0);
    const needed = capacityFor(longest + ahead);
    this.width = width;
    const lasting = capacityFor(longest + ahead + CAPACITY_STEP / 2);
    if (needed > this.capacity) this.repack(needed);
    else if (lasting < this.capacity) this.repack(lasting);
  }

  /** The mask `[width, capacity]`: 0 where a row has a position, else MASKED. */
  maskView(): Float32Array {
    return this.mask.subarray(0, this.width * this.capacity);
  }

  /** Tensor `index` for the rows of the batch. */
  view(index: number): Float32Array {
    return (this.tensors[index] as CacheTensor).view(this.width, this.capacity);
  }

  /** Appends a chunk of a graph's outputs (one a tensor) to a row. */
  append(row: number, outputs: readonly Float32Array[], sourceRow: number, chunkLength: number, count: number): void {
    const position = this.length(row);
    for (let index = 0; index < outputs.length; index++) {
      const chunk = { source: outputs[index] as Float32Array, sourceRow, chunkLength, count };
      (this.tensors[index] as CacheTensor).append(row, position, this.capacity, chunk);
    }
    this.lengths[row] = position + count;
    this.mask.fill(0, row * this.capacity + position, row * this.capacity + position + count);
  }

  /** Makes a row of this cache equal to a row of another (or this) one. */
  copyRow(from: KvCache, fromRow: number, row: number): void {
    const length = from.length(fromRow);
    if (length > this.capacity) this.repack(capacityFor(length));
    for (const [index, tensor] of this.tensors.entries()) {
      tensor.copyRow(from.tensors[index] as CacheTensor, fromRow, from.capacity, row, this.capacity, length);
    }
    this.lengths[row] = length;
    this.writeMask(row);
  }

  /** Empties a row. */
  clear(row: number): void {
    this.lengths[row] = 0;
    this.writeMask(row);
  }

  private repack(capacity: number): void {
    this.reserve(capacity);
    if (capacity !== this.capacity) {
      for (const tensor of this.tensors) tensor.repack(this.lengths, this.capacity, capacity);
    }
    this.capacity = capacity;
    for (let row = 0; row < this.maxRows; row++) this.writeMask(row);
  }

  private writeMask(row: number): void {
    const start = row * this.capacity;
    const end = start + this.length(row);
    this.mask.fill(0, start, end).fill(MASKED, end, start + this.capacity);
  }
}
