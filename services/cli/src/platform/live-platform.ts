/** Whether the platform that a home notes is really there. */
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROLES } from '@hone/rpc';
import type { Home, Platform } from './home.ts';

/** Loopback answers or refuses at once; a port that does neither is not a service of ours. */
const CONNECT_TIMEOUT_MS = 2_000;

function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port: Number(port), timeout: CONNECT_TIMEOUT_MS });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}

/** A service that died is started again within this time. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 100;

/**
 * The platform that is up in this home. Its noted process id alone proves little: after a kill -9 another process may have got
 * the same one, in a container very likely so. While other services of it listen, its orchestrator is waited for: it may be on
 * its way up again.
 */
export async function livePlatform(home: Home): Promise<Platform | undefined> {
  const noted = home.platform();
  if (!noted) return undefined;
  const { addresses } = noted;
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!(await listens(addresses.orchestrator))) {
    const others = await Promise.all(ROLES.map((role) => listens(addresses[role])));
    if (!others.includes(true) || performance.now() > giveUpAt) return undefined;
    await sleep(PAUSE_MS);
  }
  return noted;
}
