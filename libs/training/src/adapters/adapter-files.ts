/** Adapters as PEFT stores them: `adapter_config.json` and `adapter_model.safetensors` in a folder. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { allocateWeights, readTensorFile, weightView, writeSafetensors } from '@hone/checkpoint';
import { dataLoss, failedPrecondition } from '@hone/errors';
import type { LoraAdapter } from './lora.ts';

const CONFIG = 'adapter_config.json';
const TENSORS = 'adapter_model.safetensors';

/** Settings of PEFT under which an adapter is more than alpha / rank * B A, each with the value that it has where it is not. */
const PLAIN: Readonly<Record<string, unknown>> = {
  peft_type: 'LORA',
  use_dora: false,
  use_rslora: false,
  fan_in_fan_out: false,
  bias: 'none',
  lora_bias: false,
  rank_pattern: {},
  alpha_pattern: {},
  modules_to_save: null,
  layer_replication: null,
};

type Fields = Readonly<Record<string, unknown>>;

async function readConfig(file: string): Promise<{ rank: number; alpha: number }> {
  let fields: Fields;
  try {
    fields = JSON.parse(await readFile(file, 'utf8')) as Fields;
  } catch (thrown) {
    throw dataLoss(file, 'cannot be read as JSON', thrown);
  }
  for (const [name, plain] of Object.entries(PLAIN)) {
    const value = fields[name] ?? plain;
    if (JSON.stringify(value) === JSON.stringify(plain)) continue;
    const message = `${file}: ${name} ${JSON.stringify(value)} is not supported, only ${JSON.stringify(plain)}`;
    throw failedPrecondition('UNSUPPORTED_ADAPTER', message);
  }
  const { r: rank, lora_alpha: alpha } = fields;
  if (!Number.isInteger(rank) || (rank as number) < 1) throw dataLoss(file, 'r must be a whole number from 1 on');
  if (typeof alpha !== 'number') throw dataLoss(file, 'lora_alpha must be a number');
  return { rank: rank as number, alpha };
}

/** Reads an adapter from a folder. */
export async function readAdapter(folder: string): Promise<LoraAdapter> {
  const { rank, alpha } = await readConfig(path.join(folder, CONFIG));
  const file = path.join(folder, TENSORS);
  const tensors = await readTensorFile(file);
  for (const [name, { shape, values }] of tensors) {
    const isPart = /\.lora_[AB]\.weight$/.test(name);
    const ownRank = name.endsWith('lora_A.weight') ? shape[0] : shape[1];
    if (!isPart || shape.length !== 2 || ownRank !== rank || !(values instanceof Float32Array)) {
      throw dataLoss(file, `${name} [${shape.join()}] is not a matrix of an adapter of rank ${rank}`);
    }
  }
  const weights = allocateWeights([...tensors].map(([name, { shape }]) => ({ name, shape })));
  for (const [name, { values }] of tensors) weightView(weights, name).set(values as Float32Array);
  return { rank, alpha, weights };
}

/**
 * Writes an adapter into an existing folder that the caller makes durable, for PEFT to load. `baseModel`: where the model that it
 * belongs to is found.
 */
export async function writeAdapterFiles(folder: string, adapter: LoraAdapter, baseModel: string): Promise<void> {
  const modules = adapter.weights.specs.map(({ name }) => name.split('.').at(-3)!);
  const config = {
    ...PLAIN,
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModel,
    r: adapter.rank,
    lora_alpha: adapter.alpha,
    lora_dropout: 0,
    target_modules: [...new Set(modules)].sort(),
    inference_mode: true,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, CONFIG), `${JSON.stringify(config, null, 2)}\n`);
  await writeSafetensors(path.join(folder, TENSORS), adapter.weights, 'F32');
}
