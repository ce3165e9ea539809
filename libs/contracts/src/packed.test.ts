import { HoneError } from '@hone/errors';
import { expect, test } from 'vitest';
import { packFloat32, packInt32, unpackFloat32, unpackInt32 } from './packed.ts';

test('packed token ids are little-endian int32', () => {
  expect([...packInt32([1, -2])]).toEqual([1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff]);
});

test('packing a view takes its own elements only', () => {
  const all = Int32Array.from([7, 8, 9]);
  expect([...unpackInt32(packInt32(all.subarray(1, 2)), 'ids')]).toEqual([8]);
});

test('unpacking works at an unaligned address, as in a received message', () => {
  const message = Buffer.concat([Buffer.from([0xff]), packFloat32([-0.5, -1.25])]);
  expect([...unpackFloat32(message.subarray(1), 'log_probs')]).toEqual([-0.5, -1.25]);
});

test('bytes that are no whole elements name their field', () => {
  const unpack = (): Int32Array => unpackInt32(Buffer.alloc(5), 'problem.prompt_token_ids');
  expect(unpack).toThrow(HoneError);
  expect(unpack).toThrow(/problem\.prompt_token_ids: .* 5 bytes/);
});
