/** What the demo starts from: the model that comes with Hone, or an untrained one and what it takes to make that of it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { arithmeticDemonstrations, arithmeticModelConfig, arithmeticTokenizerFiles } from '@hone/benchmarks';
import { InitializeCheckpointRequest, messageOf } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import { importModel, uploadDemonstrations } from '../files/uploads.ts';
import type { Clients } from '../platform/platform.ts';
import { CARELESSNESS, COUNTS, MODEL, SHIPPED_BASE, warmUpOf } from './recipe.ts';

/** A base and the stages that make M_0 of it. */
export interface DemoBase {
  readonly checkpoint: string;
  readonly warmUp: ReturnType<typeof warmUpOf>;
}

/** Beside dist/cli, where this is built into. */
const FOLDER = fileURLToPath(new URL('../../examples/arithmetic-base', import.meta.url));

/** The M_0 that comes with Hone. Its content is its name: other files than those that were shipped are an error. */
export async function shippedBase(clients: Clients, signal?: AbortSignal): Promise<DemoBase> {
  if (!existsSync(FOLDER)) throw baseIs('missing');
  const { name } = await importModel(clients, FOLDER, { displayName: 'arithmetic, M_0', signal });
  if (name !== SHIPPED_BASE) throw baseIs(`not the one that came with Hone: it is ${name}`);
  return { checkpoint: name, warmUp: [] };
}

const baseIs = (what: string): HoneError =>
  new HoneError({
    code: 'DATA_LOSS',
    reason: 'CORRUPT_FILE',
    message: `the demo's model in ${FOLDER} is ${what}; --from-scratch makes it anew`,
  });

/** The untrained model and its demonstrations, all drawn from the seed. */
export async function untrainedBase(
  clients: Clients,
  { seed, signal }: { readonly seed: bigint; readonly signal?: AbortSignal | undefined },
): Promise<DemoBase> {
  const demonstrations = async (carelessness: number): Promise<string> => {
    const examples = arithmeticDemonstrations({ count: COUNTS.demonstrations, seed, carelessness });
    return (await uploadDemonstrations(clients, examples, signal)).name;
  };
  const request = messageOf(InitializeCheckpointRequest, {
    configJson: JSON.stringify(arithmeticModelConfig(MODEL)),
    tokenizerFiles: arithmeticTokenizerFiles(),
    seed,
    displayName: 'arithmetic, untrained',
  });
  const { name } = await callUnary(clients.trainer, 'initializeCheckpoint', request, { signal });
  const [clean, careless] = await Promise.all([demonstrations(0), demonstrations(CARELESSNESS)]);
  return { checkpoint: name, warmUp: warmUpOf({ clean, careless }) };
}
