import { HoneError } from '@hone/errors';
import { isServing } from './is-serving.ts';
import type { Dependency } from './readiness.ts';

const PEER_TIMEOUT_MS = 3_000;

/** Another service, by its role and address (host:port), as something that a server needs. */
export function servingPeer(role: string, address: string, neededBy?: readonly string[]): Dependency {
  return {
    name: `${role} ${address}`,
    check: async () => {
      if (await isServing(address, PEER_TIMEOUT_MS)) return;
      const message = 'does not answer that it is serving';
      throw new HoneError({ code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE', message });
    },
    ...(neededBy && { neededBy }),
  };
}
