import { ScorerServiceService } from '@hone/contracts';
import { unary, type ServiceParts } from '@hone/rpc';
import { listScorers } from './list-scorers.ts';
import { score } from './score.ts';

/** The scorer: stateless, so that any number of replicas answer alike. */
export async function createScorerService(): Promise<ServiceParts> {
  const implementation = { score: unary(score), listScorers: unary(listScorers) };
  return { services: [{ definition: ScorerServiceService, implementation }], close: async () => {} };
}
