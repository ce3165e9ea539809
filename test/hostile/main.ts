/** `npm run hostile -- [--requests 100000] [--seed 1]`: the long form of the test, which measures health as well. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeHostileCalls } from './hostile.ts';

/** The slowest answer of health that is no defect. */
const MAX_HEALTH_MS = 250;

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
let health: Promise<Record<string, number>> = Promise.resolve({});
let stopWatching = (): void => undefined;
const report = await makeHostileCalls({
  requests: Number(values.requests),
  seed: Number(values.seed),
  log: (line) => process.stderr.write(`${line}\n`),
  onServing: (addresses) => {
    // In a process of its own: this one is busy with making requests.
    const watcher = fork(fileURLToPath(new URL('./health.mjs', import.meta.url)), [JSON.stringify(addresses)]);
    health = new Promise((resolve) => watcher.once('message', (slowest) => resolve(slowest as Record<string, number>)));
    stopWatching = () => void watcher.send('stop');
  },
  onEnd: async () => {
    stopWatching();
    await health;
  },
});
const slowestHealthMs = await health;
process.stdout.write(`${JSON.stringify({ ...report, slowestHealthMs }, null, 2)}\n`);
const slow = Object.values(slowestHealthMs).some((milliseconds) => !(milliseconds <= MAX_HEALTH_MS));
const { ended, stalled, defects } = report;
process.exit(slow || [ended, stalled, defects].some((list) => list.length > 0) ? 1 : 0);
