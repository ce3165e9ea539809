import { HoneError } from '@hone/errors';
import type { ReplicaSet } from '../replicas/replica-set.ts';
import { isServing } from './is-serving.ts';
import type { Dependency } from './readiness.ts';

const PEER_TIMEOUT_MS = 3_000;

/** Another service as something that a server needs: one replica of it is enough. */
export function servingPeer(role: string, replicas: ReplicaSet, neededBy?: readonly string[]): Dependency {
  return {
    name: `${role} ${replicas.addresses}`,
    check: async () => {
      const serving = await Promise.all(replicas.members.map((address) => isServing(address, PEER_TIMEOUT_MS)));
      if (serving.includes(true)) return;
      const message = 'does not answer that it is serving';
      throw new HoneError({ code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE', message });
    },
    ...(neededBy && { neededBy }),
  };
}
