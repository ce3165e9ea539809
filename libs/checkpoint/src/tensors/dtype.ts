/** Types in which weights are stored. */
export type StorageType = 'F32' | 'F16' | 'BF16';

/** Bytes of one stored element. */
export const STORAGE_BYTES: Readonly<Record<StorageType, number>> = { F32: 4, F16: 2, BF16: 2 };

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);
let halfTable: Float32Array | undefined;

/** Widens bfloat16 bits to fp32, exactly: a bfloat16 is the upper half of a float. */
export function bfloat16ToFloat32(source: Uint16Array, target: Float32Array): void {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let index = 0; index < source.length; index++) bits[index] = (source[index] as number) << 16;
}

/** Widens IEEE half bits to fp32, exactly. */
export function float16ToFloat32(source: Uint16Array, target: Float32Array): void {
  const table = (halfTable ??= Float32Array.from({ length: 65536 }, (_, half) => decodeHalf(half)));
  for (let index = 0; index < source.length; index++) target[index] = table[source[index] as number] as number;
}

function decodeHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounds fp32 to bfloat16 bits, to nearest and ties to even, as PyTorch does. */
export function float32ToBfloat16(source: Float32Array, target: Uint16Array): void {
  for (let index = 0; index < source.length; index++) {
    scratchFloat[0] = source[index] as number;
    const bits = scratchBits[0] as number;
    target[index] = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
}

/** Rounds fp32 to IEEE half bits, to nearest and ties to even; what is too large becomes infinity. */
export function float32ToFloat16(source: Float32Array, target: Uint16Array): void {
  for (let index = 0; index < source.length; index++) target[index] = encodeHalf(source[index] as number);
}

function encodeHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below the smallest normal number all halves are multiples of 2^-24; above it, of 2^(exponent - 10).
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const unit = 2 ** (exponent - 10);
  const units = roundHalfToEven(magnitude / unit);
  // A carry out of the fraction raises the exponent by itself, because the fields are adjacent.
  return sign | (((exponent + 14) << 10) + units);
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
