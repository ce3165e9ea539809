import { dataLoss } from '@hone/errors';

/** Token ids as base64 of little-endian int32: how token arrays lie in artifacts. */
export function packInt32(values: Int32Array | readonly number[]): string {
  return toBase64(Int32Array.from(values));
}

/** The inverse of {@link packInt32}. */
export function unpackInt32(text: string): Int32Array {
  return new Int32Array(fromBase64(text));
}

/** Log-probs as base64 of little-endian float32. */
export function packFloat32(values: Float32Array | readonly number[]): string {
  return toBase64(Float32Array.from(values));
}

/** The inverse of {@link packFloat32}. */
export function unpackFloat32(text: string): Float32Array {
  return new Float32Array(fromBase64(text));
}

// Every platform that Hone runs on (x64, arm64) is little-endian, so memory already has the order of the format.
function toBase64(values: Int32Array | Float32Array): string {
  return Buffer.from(values.buffer).toString('base64');
}

function fromBase64(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0 || bytes.toString('base64') !== text) {
    throw dataLoss('packed array', 'is not base64 of whole 4-byte values');
  }
  return new Uint8Array(bytes).buffer;
}
