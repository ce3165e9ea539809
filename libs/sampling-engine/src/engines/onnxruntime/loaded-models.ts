/** The models that a worker process holds. */
import { readCheckpoint, readModelConfig, type Weights } from '@hone/checkpoint';
import { DecodingEngine, parameterCount } from '@hone/decoding';
import type { Tokenizer } from '@hone/tokenizer';
import { openTokenizer } from '../../text/model-tokenizer.ts';
import type { ModelRef } from './protocol.ts';

/** Weights of models that are not in use, in all, that stay loaded for the next call. */
const IDLE_WEIGHT_BYTES = 512 * 2 ** 20;
/** Sessions and caches cost beside the weights, so very small models are counted too. */
const IDLE_MODELS = 3;

interface LoadedModel {
  readonly engine: DecodingEngine;
  /** Null where the model has none. */
  readonly tokenizer: Tokenizer | null;
  readonly weightBytes: number;
}

interface Entry {
  readonly model: Promise<LoadedModel>;
  weightBytes: number;
  users: number;
}

/**
 * Keeps the models used last. A model that is in use is never dropped; an idle one makes room before the next is loaded,
 * so that two large models are not in memory together.
 */
export class LoadedModels {
  /** In order of last use, the oldest first. */
  private readonly entries = new Map<string, Entry>();

  /** Runs `work` with the model, loading it first where it is not here. */
  async use<Result>(ref: ModelRef, work: (model: LoadedModel) => Promise<Result>): Promise<Result> {
    const key = `${ref.threads} ${ref.maxCacheBytes} ${ref.precision} ${ref.folder}`;
    const entry = this.entries.get(key) ?? (await this.add(key, ref));
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.users += 1;
    try {
      const model = await entry.model;
      entry.weightBytes = model.weightBytes;
      return await work(model);
    } catch (thrown) {
      // A model that did not load is no model: the next call tries again.
      await entry.model.catch(() => this.entries.delete(key));
      throw thrown;
    } finally {
      entry.users -= 1;
    }
  }

  private async add(key: string, ref: ModelRef): Promise<Entry> {
    const entry: Entry = { model: this.makeRoom().then(() => load(ref)), weightBytes: 0, users: 0 };
    this.entries.set(key, entry);
    return entry;
  }

  private async makeRoom(): Promise<void> {
    const idle = [...this.entries].filter(([, entry]) => entry.users === 0);
    let bytes = idle.reduce((sum, [, entry]) => sum + entry.weightBytes, 0);
    let models = idle.length;
    for (const [key, entry] of idle) {
      if (bytes <= IDLE_WEIGHT_BYTES && models <= IDLE_MODELS) return;
      this.entries.delete(key);
      bytes -= entry.weightBytes;
      models -= 1;
      await (await entry.model).engine.close();
    }
  }
}

async function load({ folder, eosTokenIds, threads, maxCacheBytes, precision }: ModelRef): Promise<LoadedModel> {
  const tokenizer = await openTokenizer(folder);
  const config = { ...(await readModelConfig(folder)), eosTokenIds };
  const weights = async (): Promise<Weights> => (await readCheckpoint(folder)).weights;
  const engine = await DecodingEngine.load({ config, weights, threads, maxCacheBytes, precision });
  return { engine, tokenizer, weightBytes: parameterCount(config) * Float32Array.BYTES_PER_ELEMENT };
}
