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

async function makeRuns(): Promise<Record<string, RunFacts>> {
  const platform = await startPlatform();
  try {
    const runs = await makeSumsRuns(platform);
    for (const seed of seeds) {
      process.stderr.write(`${demoName(seed)} …\n`);
      runs[demoName(seed)] = await makeDemoRun(platform, seed);
    }
    return runs;
  } finally {
    await platform.stop();
  }
}

function record(runs: Record<string, RunFacts>): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  writeFileSync(RECORD_FILE, `${JSON.stringify({ conditions: conditionsHere(commit), runs }, null, 2)}\n`);
}

function compare(runs: Record<string, RunFacts>): boolean {
  const recorded = readRecord();
  const unlike = whyUnlike(recorded.conditions);
  if (unlike !== undefined) process.stderr.write(`results may differ: ${unlike}\n`);
  const differing = Object.entries(runs).flatMap(([name, facts]) => differences(recorded.runs[name], facts, name));
  for (const difference of differing) process.stdout.write(`${difference}\n`);
  process.stdout.write(`${Object.keys(runs).length} runs, ${differing.length} differences\n`);
  return differing.length === 0;
}

const runs = await makeRuns();
if (values.record) record(runs);
else process.exitCode = compare(runs) ? 0 : 1;
