import { internal } from '@hone/errors';
import { SafetensorsFile } from './safetensors-read.ts';
import type { StoredTensor } from './safetensors-header.ts';
import { elementCount } from './weights.ts';

export type TensorValues = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor by itself: what golden files and optimiser states hold. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

/** Reads a whole small safetensors file into memory. 16-bit floats are widened; every other type stays as it is. */
export async function readTensorFile(file: string): Promise<Map<string, Tensor>> {
  const source = await SafetensorsFile.open(file);
  try {
    const tensors = new Map<string, Tensor>();
    for (const tensor of source.tensors.values()) {
      tensors.set(tensor.name, { shape: tensor.shape, values: await readValues(source, tensor) });
    }
    return tensors;
  } finally {
    await source.close();
  }
}

async function readValues(source: SafetensorsFile, tensor: StoredTensor): Promise<TensorValues> {
  if (['F32', 'F16', 'BF16'].includes(tensor.dtype)) {
    const values = new Float32Array(elementCount(tensor.shape));
    await source.read(tensor, values);
    return values;
  }
  const { buffer } = await source.readBytes(tensor);
  switch (tensor.dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'U8':
      return new Uint8Array(buffer);
    default:
      throw internal(`no reader for tensors of type ${tensor.dtype}`);
  }
}
