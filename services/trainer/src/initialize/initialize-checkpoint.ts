import { ArtifactStore } from '@hone/artifacts';
import { Checkpoint, CheckpointOrigin, type InitializeCheckpointRequest } from '@hone/contracts';
import { HoneError, invalidArgument } from '@hone/errors';
import { codeVersion, type CallContext, type ServiceOptions } from '@hone/rpc';
import type { StoredCheckpoint } from '@hone/training-engine';
import { runOneJob } from '@hone/workers';
import { JobQueue } from '../job-queue.ts';
import { leaveNote } from '../leave-note.ts';
import type { InitializeJob } from './job.ts';

/** What the RPC needs. */
export interface InitializeOptions {
  /** The built worker of the trainer. */
  readonly entry: URL;
  readonly store: ArtifactStore;
  readonly storeDir: string;
  /** Bytes that a new model's weights may take. */
  readonly memoryBytes: number;
  readonly logger: ServiceOptions['logger'];
}

/** Each takes a process and the memory of a model: they take turns, and so many may wait. */
const MOST_QUEUED = 64;
const MAX_CONFIG_CHARS = 1 << 20;
const MAX_DISPLAY_NAME_CHARS = 200;
/** Whatever a tokenizer's expressions do. */
const TIMEOUT_MS = 600_000;

/** The RPC that makes a checkpoint with random weights. */
export function initializeCheckpointWith(options: InitializeOptions) {
  const { store, storeDir, memoryBytes } = options;
  const queue = new JobQueue({ most: MOST_QUEUED });
  return async (request: InitializeCheckpointRequest, { signal }: CallContext): Promise<Checkpoint> => {
    const { configJson, tokenizerFiles, seed, displayName } = request;
    if (!('tokenizer.json' in tokenizerFiles)) {
      throw invalidArgument('tokenizer_files', 'must hold tokenizer.json');
    }
    if (configJson.length > MAX_CONFIG_CHARS)
      throw invalidArgument('config_json', `must be at most ${MAX_CONFIG_CHARS} characters`);
    if (displayName.length > MAX_DISPLAY_NAME_CHARS)
      throw invalidArgument('display_name', `must be at most ${MAX_DISPLAY_NAME_CHARS} characters`);
    const job: InitializeJob = { storeDir, configJson, tokenizerFiles, seed, memoryBytes };
    const result = await queue.run(signal, () => initialize(options, job, signal));
    const checkpoint = Checkpoint.fromPartial({
      name: result.name,
      origin: CheckpointOrigin.INITIALIZED,
      parameterCount: BigInt(result.parameterCount),
      sizeBytes: BigInt(result.bytes),
      recipeJson: JSON.stringify({ kind: 'initialize', seed: seed.toString(), codeVersion: codeVersion() }),
      displayName,
    });
    await leaveNote(store, checkpoint);
    return checkpoint;
  };
}

async function initialize(
  { entry, logger }: InitializeOptions,
  job: InitializeJob,
  caller: AbortSignal,
): Promise<StoredCheckpoint> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const signal = AbortSignal.any([caller, deadline]);
  try {
    // A process that was killed leaves its temporary files; opening the store removes those of dead processes.
    const onLeftover = () => ArtifactStore.open(job.storeDir);
    const call = { entry, method: 'initialize', job, signal, logger, onLeftover };
    return (await runOneJob<InitializeJob, never, StoredCheckpoint>(call)).result;
  } catch (thrown) {
    if (caller.aborted || !deadline.aborted) throw thrown;
    const message = `the checkpoint was not made within ${TIMEOUT_MS / 1000} seconds`;
    throw new HoneError({ code: 'DEADLINE_EXCEEDED', reason: 'TOO_SLOW', message, cause: thrown });
  }
}
