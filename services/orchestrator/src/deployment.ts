/** Where the services are that the orchestrator works with, and what they say of themselves. */
import { DeployedService, Deployment, type GetDeploymentRequest, type ServiceDescription } from '@hone/contracts';
import { toHoneError } from '@hone/errors';
import { codeVersion, describeService, type PeerAddresses } from '@hone/rpc';

/** A service with its own words, or with why it has none. */
async function described(service: DeployedService): Promise<DeployedService> {
  try {
    return { ...service, description: await describeService(service.address) };
  } catch (thrown) {
    return { ...service, problem: toHoneError(thrown).message };
  }
}

/** GetDeployment; `own` is what this orchestrator says of itself. */
export function getDeploymentWith(peers: PeerAddresses, own: ServiceDescription) {
  const services = Object.entries(peers).map(([role, address]) => DeployedService.fromPartial({ role, address }));
  return async ({ describe }: GetDeploymentRequest): Promise<Deployment> => ({
    codeVersion: codeVersion(),
    services: describe ? await Promise.all(services.map(described)) : services,
    description: describe ? own : undefined,
  });
}
