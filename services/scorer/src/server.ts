import { ScorerServiceService } from '@hone/contracts';
import { unary, type ServiceOptions, type ServiceParts } from '@hone/rpc';
import { listScorers } from './list-scorers.ts';
import { scoreWith } from './score.ts';
import { WorkerSlots } from './worker-slots.ts';

type ScorerOptions = Pick<ServiceOptions, 'threads' | 'logger'>;

/** The scorer: stateless, so that any number of replicas answer alike. `workerEntry` is the built worker. */
export async function createScorerService(
  options: ScorerOptions,
  workerEntry = new URL('./worker.mjs', import.meta.url),
): Promise<ServiceParts> {
  const slots = new WorkerSlots(workerEntry, options.threads, options.logger);
  const implementation = { score: unary(scoreWith(slots)), listScorers: unary(listScorers) };
  return { services: [{ definition: ScorerServiceService, implementation }], close: () => slots.close() };
}
