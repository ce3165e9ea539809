/** `npm run chaos -- [--kills 200] [--seed 1] [--max-pause-ms 2000]`: the long form of the chaos test. */
import { parseArgs } from 'node:util';
import { makeChaos } from './chaos.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'max-pause-ms': { type: 'string', default: '2000' },
  },
});
const report = await makeChaos({
  kills: Number(values.kills),
  seed: Number(values.seed),
  maxPauseMs: Number(values['max-pause-ms']),
  log: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const { differing, gaps, damaged, orphans, lost } = report;
process.exit([differing, gaps, damaged, orphans, lost].every((list) => list.length === 0) ? 0 : 1);
