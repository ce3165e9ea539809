/** A trainer on loopback over a store of its own, and a tiny model, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  InitializeCheckpointRequest,
  messageOf,
  OperationsClient,
  TrainerServiceClient,
  TrainRequest,
  TrainResponse,
  UploadDatasetRequest,
  type Checkpoint,
  type Dataset,
  type Operation,
  type PartialMessage,
} from '@hone/contracts';
import { uploadDataset } from '@hone/datasets';
import { awaitOperation, callUnary, connect, startServer, type ServiceOptions } from '@hone/rpc';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createTrainerService } from '../server.ts';

const WORDS = ['<pad>', '<bos>', '<eos>', '<unk>', ...'abcdefghijkl'];
export const BOS = 1;
export const EOS = 2;

/** A word-level tokenizer that begins every text with <bos>. */
const TOKENIZER = {
  version: '1.0',
  added_tokens: ['<pad>', '<bos>', '<eos>', '<unk>'].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<bos>': { id: '<bos>', ids: [BOS], tokens: ['<bos>'] } },
  },
  decoder: null,
  model: { type: 'WordLevel', vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])), unk_token: '<unk>' },
};

/** config.json of a model that trains in milliseconds. */
export const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: WORDS.length,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: false,
  hidden_act: 'silu',
  bos_token_id: BOS,
  eos_token_id: EOS,
  torch_dtype: 'float32',
};

export type Record = PartialMessage<UploadDatasetRequest>['record'];

/** How it is started. */
interface TestTrainerOptions extends Partial<Pick<ServiceOptions, 'engine' | 'enginesDir'>> {
  readonly stateSeconds?: number;
}

/** A running trainer with its clients and the calls that tests make. */
export class TestTrainer {
  readonly client: TrainerServiceClient;
  readonly operations: OperationsClient;
  readonly storeDir: string;

  private constructor(
    readonly address: string,
    storeDir: string,
  ) {
    this.client = connect(TrainerServiceClient, address);
    this.operations = connect(OperationsClient, address);
    this.storeDir = storeDir;
  }

  /** Starts a trainer that ends with the test. Its processes are the built ones: they need JavaScript. */
  static async start({ stateSeconds = 30, ...engine }: TestTrainerOptions = {}): Promise<TestTrainer> {
    const storeDir = await mkdtemp(path.join(tmpdir(), 'hone-trainer-'));
    const computing = { threads: 1, memoryBytes: 2 ** 30, ...engine };
    const options = { storeDir, ...computing, stateSeconds, logger: pino({ level: 'silent' }) };
    const parts = await createTrainerService(options, new URL('../../../../dist/trainer/', import.meta.url));
    const server = await startServer({ address: '127.0.0.1:0', services: parts.services });
    const trainer = new TestTrainer(server.address, storeDir);
    onTestFinished(async () => {
      trainer.client.close();
      trainer.operations.close();
      await server.close(100);
      await parts.close();
      await rm(storeDir, { recursive: true });
    });
    return trainer;
  }

  initialize(seed = 1n, config: object = CONFIG): Promise<Checkpoint> {
    const tokenizerFiles = {
      'tokenizer.json': JSON.stringify(TOKENIZER),
      'tokenizer_config.json': JSON.stringify({ bos_token: '<bos>', eos_token: '<eos>', pad_token: '<pad>' }),
    };
    const fields = { configJson: JSON.stringify(config), tokenizerFiles, seed };
    return callUnary(this.client, 'initializeCheckpoint', messageOf(InitializeCheckpointRequest, fields));
  }

  async upload(records: Iterable<Record>): Promise<Dataset> {
    async function* requests(): AsyncGenerator<UploadDatasetRequest> {
      for (const record of records) yield messageOf(UploadDatasetRequest, { record });
    }
    const store = await ArtifactStore.open(this.storeDir);
    return uploadDataset(store, requests(), { signal: new AbortController().signal });
  }

  start(fields: PartialMessage<TrainRequest>): Promise<Operation> {
    return callUnary(this.client, 'train', messageOf(TrainRequest, fields));
  }

  finish(operation: Operation, signal?: AbortSignal): Promise<TrainResponse> {
    return awaitOperation({ client: this.operations, operation, response: TrainResponse, signal, pollMs: 20 });
  }

  async train(fields: PartialMessage<TrainRequest>): Promise<TrainResponse> {
    return this.finish(await this.start(fields));
  }
}

/** A spec for demonstrations. */
export const DEMONSTRATION_SPEC = {
  loss: { version: 1 },
  optimizer: { learningRate: 0.02 },
  batchSize: 4,
  maxSteps: 30,
};

/** A spec for preferences, the paper's loss. */
export const PREFERENCE_SPEC = {
  ...DEMONSTRATION_SPEC,
  loss: { version: 1, preference: 'sigmoid', settings: { beta: 0.1 }, nllAlpha: 1 },
};
