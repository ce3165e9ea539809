/**
 * Token ids and log-probs travel packed: little-endian int32 and float32 in a `bytes` field, a quarter of what protobuf's
 * varints and doubles take. Every service packs and unpacks here.
 */
import { endianness } from 'node:os';
import { invalidArgument, unimplemented } from '@hone/errors';

const BYTES_PER_ELEMENT = 4;

// Typed arrays have the machine's byte order, the wire is little-endian; so is every platform that Hone supports.
if (endianness() !== 'LE') throw unimplemented('Hone needs a little-endian machine');

/** Bytes of token ids. */
export function packInt32(values: ArrayLike<number>): Buffer {
  const array = values instanceof Int32Array ? values : Int32Array.from(values);
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Bytes of log-probs. */
export function packFloat32(values: ArrayLike<number>): Buffer {
  const array = values instanceof Float32Array ? values : Float32Array.from(values);
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** A copy that begins at an aligned address: the bytes of a received message may lie anywhere in its buffer. */
function alignedCopy(bytes: Uint8Array, field: string, what: string): ArrayBuffer {
  if (bytes.byteLength % BYTES_PER_ELEMENT !== 0) {
    const rule = `must be little-endian ${what}, 4 bytes each, but has ${bytes.byteLength} bytes`;
    throw invalidArgument(field, rule);
  }
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}

/** Token ids of packed bytes; `field` names the request's field in the error for bytes that are none. */
export function unpackInt32(bytes: Uint8Array, field: string): Int32Array {
  return new Int32Array(alignedCopy(bytes, field, 'int32'));
}

/** Log-probs of packed bytes; `field` names the request's field in the error for bytes that are none. */
export function unpackFloat32(bytes: Uint8Array, field: string): Float32Array {
  return new Float32Array(alignedCopy(bytes, field, 'float32'));
}
