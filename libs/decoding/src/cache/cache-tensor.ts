/** One cached tensor (the keys or the values of one layer) for all rows of a batch. */

/**
 * Seen as `[row, outer, position, inner]`: values `[row, heads, position, headDim]` have inner = headDim, keys that are
 * stored transposed, `[row, heads, headDim, position]`, have outer = heads * headDim and inner = 1.
 */
export interface CacheTensorLayout {
  readonly outer: number;
  readonly inner: number;
}

/**
 * The array is fed to the graph as it is, so rows lie at a stride of the capacity of the moment, not of the largest one: a
 * short batch is not charged for positions that nothing uses. What lies behind a row's length is old, finite data that the
 * attention mask makes weightless.
 */
export class CacheTensor {
  private data = new Float32Array(0);

  constructor(private readonly layout: CacheTensorLayout) {}

  /** Room for so many rows and positions. Pages that are never written take no memory. */
  reserve(rows: number, capacity: number): void {
    const size = rows * this.rowSize(capacity);
    if (size <= this.data.length) return;
    const larger = new Float32Array(size);
    larger.set(this.data);
    this.data = larger;
  }

  /** The first rows, as a view. */
  view(rows: number, capacity: number): Float32Array {
    return this.data.subarray(0, rows * this.rowSize(capacity));
  }

  /** Moves every row's positions 0 … length-1 from one capacity's stride to another's, in place. */
  repack(lengths: ArrayLike<number>, from: number, to: number): void {
    const { outer, inner } = this.layout;
    const move = (line: number): void => {
      const start = line * from * inner;
      const length = (lengths[Math.floor(line / outer)] as number) * inner;
      this.data.copyWithin(line * to * inner, start, start + length);
    };
    const lines = lengths.length * outer;
    // Growing from the back and shrinking from the front: no line lands on one that is still to be moved.
    if (to > from) for (let line = lines - 1; line >= 0; line--) move(line);
    else for (let line = 0; line < lines; line++) move(line);
  }

  /** Writes a chunk `[sourceRow, outer, chunk, inner]` of a graph's output behind a row's positions. */
  append(row: number, position: number, capacity: number, chunk: CacheChunk): void {
    const { outer, inner } = this.layout;
    const { source, sourceRow, chunkLength, count } = chunk;
    const size = count * inner;
    let read = sourceRow * outer * chunkLength * inner;
    let write = (row * outer * capacity + position) * inner;
    for (let line = 0; line < outer; line++) {
      // A plain loop: for the few elements of one position it is faster than set(subarray()).
      for (let index = 0; index < size; index++) this.data[write + index] = source[read + index] as number;
      read += chunkLength * inner;
      write += capacity * inner;
    }
  }

  /** Copies positions 0 … length-1 of another tensor's row into a row of this one. */
  copyRow(
    from: CacheTensor,
    fromRow: number,
    fromCapacity: number,
    row: number,
    capacity: number,
    length: number,
  ): void {
    const { outer, inner } = this.layout;
    for (let line = 0; line < outer; line++) {
      const start = (fromRow * outer + line) * fromCapacity * inner;
      const values = from.data.subarray(start, start + length * inner);
      this.data.set(values, (row * outer + line) * capacity * inner);
    }
  }

  private rowSize(capacity: number): number {
    return this.layout.outer * capacity * this.layout.inner;
  }
}

/** Part of a graph's output: the first `count` of `chunkLength` positions of one row. */
export interface CacheChunk {
  readonly source: Float32Array;
  readonly sourceRow: number;
  readonly chunkLength: number;
  readonly count: number;
}
