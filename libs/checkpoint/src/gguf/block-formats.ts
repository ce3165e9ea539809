import { float16ToFloat32 } from '../tensors/dtype.ts';

/** How GGML stores a run of values: `elements` of them in `bytes`. */
export interface BlockFormat {
  readonly name: string;
  readonly elements: number;
  readonly bytes: number;
  /** Decodes whole blocks. */
  decode(source: Uint8Array, target: Float32Array): void;
}

const BLOCK = 32;

/** Decoders by GGML type number (ggml.h). Each 32-block has its own scale, and Q4_1 a minimum too. */
export const BLOCK_FORMATS: { readonly [ggmlType: number]: BlockFormat } = {
  0: { name: 'F32', elements: 1, bytes: 4, decode: decodeF32 },
  1: { name: 'F16', elements: 1, bytes: 2, decode: decodeF16 },
  2: { name: 'Q4_0', elements: BLOCK, bytes: 18, decode: decodeQ4_0 },
  3: { name: 'Q4_1', elements: BLOCK, bytes: 20, decode: decodeQ4_1 },
  8: { name: 'Q8_0', elements: BLOCK, bytes: 34, decode: decodeQ8_0 },
};

function decodeF32(source: Uint8Array, target: Float32Array): void {
  new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(source);
}

function decodeF16(source: Uint8Array, target: Float32Array): void {
  float16ToFloat32(new Uint16Array(source.buffer, source.byteOffset, target.length), target);
}

/** `value = scale * q`, q a signed byte. */
function decodeQ8_0(source: Uint8Array, target: Float32Array): void {
  const scales = readHalves(source, 34, 0);
  const quants = new Int8Array(source.buffer, source.byteOffset, source.length);
  for (let block = 0; block < scales.length; block++) {
    const scale = scales[block] as number;
    const from = block * 34 + 2;
    for (let i = 0; i < BLOCK; i++) target[block * BLOCK + i] = scale * (quants[from + i] as number);
  }
}

/** `value = scale * (q - 8)`; low nibbles are the first half of the block, high nibbles the second. */
function decodeQ4_0(source: Uint8Array, target: Float32Array): void {
  const scales = readHalves(source, 18, 0);
  for (let block = 0; block < scales.length; block++) {
    const scale = scales[block] as number;
    const to = block * BLOCK;
    for (let i = 0; i < BLOCK / 2; i++) {
      const byte = source[block * 18 + 2 + i] as number;
      target[to + i] = scale * ((byte & 15) - 8);
      target[to + BLOCK / 2 + i] = scale * ((byte >> 4) - 8);
    }
  }
}

/** `value = scale * q + minimum`. A half times a nibble is exact in fp32, so the sum is rounded once, as in GGML. */
function decodeQ4_1(source: Uint8Array, target: Float32Array): void {
  const scales = readHalves(source, 20, 0);
  const minima = readHalves(source, 20, 2);
  for (let block = 0; block < scales.length; block++) {
    const scale = scales[block] as number;
    const minimum = minima[block] as number;
    const to = block * BLOCK;
    for (let i = 0; i < BLOCK / 2; i++) {
      const byte = source[block * 20 + 4 + i] as number;
      target[to + i] = scale * (byte & 15) + minimum;
      target[to + BLOCK / 2 + i] = scale * (byte >> 4) + minimum;
    }
  }
}

/** The half-precision number at `at` in each block, as fp32. */
function readHalves(source: Uint8Array, blockBytes: number, at: number): Float32Array {
  const halves = new Uint16Array(source.length / blockBytes);
  for (let block = 0; block < halves.length; block++) {
    const position = block * blockBytes + at;
    halves[block] = (source[position] as number) | ((source[position + 1] as number) << 8);
  }
  const values = new Float32Array(halves.length);
  float16ToFloat32(halves, values);
  return values;
}
