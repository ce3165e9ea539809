import { PairBuilderServiceService } from '@hone/contracts';
import { bidiStream, type ServiceParts } from '@hone/rpc';
import { buildPairs } from './build-pairs.ts';

/** The pair builder: stateless, so that any number of replicas answer alike. */
export async function createPairBuilderService(): Promise<ServiceParts> {
  const implementation = { buildPairs: bidiStream(buildPairs) };
  return { services: [{ definition: PairBuilderServiceService, implementation }], close: async () => {} };
}
