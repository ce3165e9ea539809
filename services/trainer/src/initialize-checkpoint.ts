import { Checkpoint, CheckpointOrigin, type InitializeCheckpointRequest } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import type { CallContext } from '@hone/rpc';
import { codeVersion } from './code-version.ts';
import type { WorkerPool } from './worker-pool.ts';
import type { InitializeJob, StoredCheckpoint } from './worker-protocol.ts';

/** The RPC that makes a checkpoint with random weights. */
export function initializeCheckpointWith({ workers, storeDir }: { workers: WorkerPool; storeDir: string }) {
  return async (request: InitializeCheckpointRequest, { signal }: CallContext): Promise<Checkpoint> => {
    const { configJson, tokenizerFiles, seed, displayName } = request;
    if (!('tokenizer.json' in tokenizerFiles)) {
      throw invalidArgument('tokenizer_files', 'must hold tokenizer.json');
    }
    const job: InitializeJob = { storeDir, configJson, tokenizerFiles, seed };
    const { result } = await workers.run<InitializeJob, never, StoredCheckpoint>({ method: 'initialize', job, signal });
    return Checkpoint.fromPartial({
      name: result.name,
      origin: CheckpointOrigin.INITIALIZED,
      parameterCount: BigInt(result.parameterCount),
      sizeBytes: BigInt(result.bytes),
      recipeJson: JSON.stringify({ kind: 'initialize', seed: seed.toString(), codeVersion: codeVersion() }),
      displayName,
    });
  };
}
