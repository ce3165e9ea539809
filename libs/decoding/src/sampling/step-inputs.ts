import type { KvCache } from '../cache/kv-cache.ts';
import type { Slot } from './slot.ts';

/** More than any vocabulary holds. */
const KEEP_ALL = 2 ** 31 - 1;
/** Of rows without a sample. */
const NOBODY = { temperature: 0, topK: 0, topP: 1 };

/** What a step feeds beside the cache: tokens of a chunk, and how each row's next token is drawn. */
export class StepInputs {
  /** Rows and tokens a row of this step. */
  width = 0;
  readonly chunkLength: number;
  /** `[width, chunkLength]` */
  readonly inputIds: Int32Array;
  /** `[width, chunkLength]` */
  readonly positions: Int32Array;
  /** `[width]`: index, in the flattened `[width * chunkLength]`, of the token whose successor is drawn. */
  readonly lastIndex: Int32Array;
  /** `[width, 1]`: 1 / temperature; 0 for greedy rows. */
  readonly inverseTemperature: Float32Array;
  /** `[width, 1]`: from [0, 1). */
  readonly uniform: Float32Array;
  /** `[width, 1]`: the vocabulary's size, or more, keeps all. */
  readonly topK: Int32Array;
  /** `[width, 1]`: 1 keeps all. */
  readonly topP: Float32Array;

  constructor(maxRows: number, chunkLength = 1) {
    this.chunkLength = chunkLength;
    this.inputIds = new Int32Array(maxRows * chunkLength);
    this.positions = new Int32Array(maxRows * chunkLength);
    this.lastIndex = Int32Array.from({ length: maxRows }, (_, row) => (row + 1) * chunkLength - 1);
    this.inverseTemperature = new Float32Array(maxRows);
    this.uniform = new Float32Array(maxRows);
    this.topK = new Int32Array(maxRows).fill(KEEP_ALL);
    this.topP = new Float32Array(maxRows).fill(1);
  }

  /** A chunk of one row, whose drawn token nobody wants. */
  static ofChunk(tokenIds: Int32Array, firstPosition: number): StepInputs {
    const inputs = new StepInputs(1, tokenIds.length);
    inputs.width = 1;
    inputs.inputIds.set(tokenIds);
    for (let index = 0; index < tokenIds.length; index++) inputs.positions[index] = firstPosition + index;
    return inputs;
  }

  /** The last token of each row; rows without a sample are fed token 0, greedily, and what they give is not read. */
  fill(slots: readonly (Slot | undefined)[], cache: KvCache): void {
    this.width = slots.length;
    for (const [row, slot] of slots.entries()) {
      this.inputIds[row] = slot?.lastToken ?? 0;
      this.positions[row] = (slot?.promptPositions ?? 0) + cache.length(row);
      const { temperature, topK, topP } = slot?.params ?? NOBODY;
      this.inverseTemperature[row] = temperature > 0 ? 1 / temperature : 0;
      this.uniform[row] = slot && temperature > 0 ? slot.uniforms.next() : 0;
      this.topK[row] = topK > 0 ? topK : KEEP_ALL;
      this.topP[row] = topP;
    }
  }

  /** Whether any row's draw needs the tokens sorted. */
  truncates(vocabSize: number): boolean {
    for (let row = 0; row < this.width; row++) {
      const greedy = this.inverseTemperature[row] === 0;
      if (!greedy && ((this.topK[row] as number) < vocabSize || (this.topP[row] as number) < 1)) return true;
    }
    return false;
  }
}
