/**
 * `npm run identity -- [--seeds 1,2,3] [--record]`: makes the recorded runs anew, the demo's too, and names what differs from the record.
 * `--record` writes what was made as the new record: only for a change that is meant to change results.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startPlatform } from '../e2e/platform.ts';
import { conditionsHere, whyUnlike } from './conditions.ts';
import type { RunFacts } from './facts.ts';
import { demoName, makeDemoRun, makeSumsRuns } from './make-runs.ts';
import { differences, readRecord, RECORD_FILE } from './record.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1,2,3' }, record: { type: 'boolean', default: false } },
});
const seeds = values.seeds.split(',').filter(Boolean).map(Number);

type Runs = Record<string, RunFacts>;

/** Makes all runs; tells of each as soon as it has ended. */
async function makeRuns(told: (runs: Runs) => void): Promise<Runs> {
  const platform = await startPlatform();
  try {
    const runs = await makeSumsRuns(platform);
    told(runs);
    for (const seed of seeds) {
      const name = demoName(seed);
      runs[name] = await makeDemoRun(platform, seed);
      told({ [name]: runs[name] });
    }
    return runs;
  } finally {
    await platform.stop();
  }
}

async function record(): Promise<void> {
  const runs = await makeRuns((made) => process.stderr.write(`made: ${Object.keys(made).join(', ')}\n`));
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  writeFileSync(RECORD_FILE, `${JSON.stringify({ conditions: conditionsHere(commit), runs }, null, 2)}\n`);
}

/** True where all is as it was recorded. */
async function compare(): Promise<boolean> {
  const { conditions, runs: recorded } = readRecord();
  const unlike = whyUnlike(conditions);
  if (unlike !== undefined) process.stderr.write(`results may differ: ${unlike}\n`);
  let same = true;
  await makeRuns((made) => {
    for (const [name, facts] of Object.entries(made)) {
      const differing = differences(recorded[name], facts);
      same &&= differing.length === 0;
      const lines = differing.map((difference) => `  ${difference}\n`);
      process.stdout.write(`${name}: ${lines.length === 0 ? 'as recorded' : 'differs'}\n${lines.join('')}`);
    }
  });
  return same;
}

if (values.record) await record();
else process.exitCode = (await compare()) ? 0 : 1;
