/** Where the services are that the orchestrator works with. */
import { Deployment } from '@hone/contracts';
import type { PeerAddresses } from '@hone/rpc';
import { codeVersion } from './code-version.ts';

/** GetDeployment. */
export function getDeploymentWith(peers: PeerAddresses) {
  const services = Object.entries(peers).map(([role, address]) => ({ role, address }));
  return async (): Promise<Deployment> => Deployment.fromPartial({ codeVersion: codeVersion(), services });
}
