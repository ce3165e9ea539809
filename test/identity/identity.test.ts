/** A change of the code that is no change of the method makes what was made before, byte by byte. The demo's runs: `npm run identity`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPlatform, type Platform } from '../e2e/platform.ts';
import { whyUnlike } from './conditions.ts';
import type { RunFacts } from './facts.ts';
import { makeSumsRuns } from './make-runs.ts';
import { differences, drawsOf, readRecord } from './record.ts';

const { conditions, runs: recorded } = readRecord();
const unlike = whyUnlike(conditions);
if (unlike !== undefined) process.stderr.write(`skipped: only draws are compared: ${unlike}\n`);

let platform: Platform;
let found: Record<string, RunFacts>;
beforeAll(async () => {
  platform = await startPlatform();
  found = await makeSumsRuns(platform);
}, 300_000);
afterAll(() => platform.stop());

describe.each(['sums', 'sums with selection, schedule and LoRA'])('the recorded run "%s"', (name) => {
  it('draws the recorded problems with the recorded seeds, on any machine', () => {
    const [before, now] = [drawsOf(recorded[name]!), drawsOf(found[name]!)];
    // On another machine, the choice among its checkpoints may end it sooner or later.
    const both = unlike === undefined ? before.length : Math.min(before.length, now.length);
    expect(both).toBeGreaterThan(0);
    expect(now.slice(0, both)).toEqual(before.slice(0, both));
  });

  it.skipIf(unlike !== undefined)('makes the recorded completions, verdicts, pairs and weights', () => {
    expect(differences(recorded[name], found[name])).toEqual([]);
  });
});
