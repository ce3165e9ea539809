/** Where the services are that the orchestrator works with, and what they say of themselves. */
import { DeployedService, Deployment, type GetDeploymentRequest, type ServiceDescription } from '@hone/contracts';
import { toHoneError } from '@hone/errors';
import { addressesIn, codeVersion, describeService, PEER_ROLES, type ReplicaSets } from '@hone/rpc';

/** A service with its own words, or with why it has none. */
async function described(service: DeployedService): Promise<DeployedService> {
  try {
    return { ...service, description: await describeService(service.address) };
  } catch (thrown) {
    return { ...service, problem: toHoneError(thrown).message };
  }
}

/** A service of the deployment once for each of its replicas; of a name that stands for several, its machines where they are described. */
function servicesOf(peers: ReplicaSets, describe: boolean): DeployedService[] {
  return PEER_ROLES.flatMap((role) => {
    const set = peers.at(role);
    const addresses = describe ? set.members : addressesIn(set.addresses);
    return addresses.map((address) => DeployedService.fromPartial({ role, address }));
  });
}

/** GetDeployment; `own` is what this orchestrator says of itself. */
export function getDeploymentWith(peers: ReplicaSets, own: ServiceDescription) {
  return async ({ describe }: GetDeploymentRequest): Promise<Deployment> => {
    const services = servicesOf(peers, describe);
    return {
      codeVersion: codeVersion(),
      services: describe ? await Promise.all(services.map(described)) : services,
      description: describe ? own : undefined,
    };
  };
}
