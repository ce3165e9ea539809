/** Protobuf's wire format, written by hand: a generated encoder would not write what no honest client sends. */

/** A varint; negative numbers are those of 64 bits, as int32 and int64 write them. */
export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const more = rest > 0x7fn;
    bytes.push(Number(rest & 0x7fn) | (more ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const VARINT = 0n;
const FIXED64 = 1n;
const LENGTH_DELIMITED = 2n;
const FIXED32 = 5n;

const tag = (field: number, wireType: bigint): Buffer => varint((BigInt(field) << 3n) | wireType);

export const varintField = (field: number, value: bigint): Buffer => Buffer.concat([tag(field, VARINT), varint(value)]);

export const bytesField = (field: number, bytes: Buffer): Buffer =>
  Buffer.concat([tag(field, LENGTH_DELIMITED), varint(BigInt(bytes.length)), bytes]);

export function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, FIXED64), bytes]);
}

export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, FIXED32), bytes]);
}
