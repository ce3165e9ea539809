/** Whether the platform that a home notes is really there. */
import { createConnection } from 'node:net';
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

/**
 * The platform that is up in this home. Its noted process id alone proves little: after a kill -9 another process may have got
 * the same one, in a container very likely so.
 */
export async function livePlatform(home: Home): Promise<Platform | undefined> {
  const noted = home.platform();
  return noted && (await listens(noted.addresses.orchestrator)) ? noted : undefined;
}
