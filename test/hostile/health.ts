/** Asks services for their health, again and again, until it is told to stop; answers with the slowest answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isServing } from '@hone/rpc';

const PAUSE_MS = 50;
const GIVEN_UP_MS = 30_000;

const addresses = JSON.parse(process.argv[2]!) as Record<string, string>;
const slowest: Record<string, number> = {};
let stopped = false;
process.once('message', () => (stopped = true));

async function watch(role: string, address: string): Promise<void> {
  while (!stopped) {
    const started = performance.now();
    const serving = await isServing(address, GIVEN_UP_MS);
    const milliseconds = serving ? performance.now() - started : Infinity;
    slowest[role] = Math.max(slowest[role] ?? 0, Math.round(milliseconds));
    await sleep(PAUSE_MS);
  }
}

await Promise.all(Object.entries(addresses).map(([role, address]) => watch(role, address)));
process.send!(slowest);
process.disconnect();
