import { expect, it } from 'vitest';
import { makeChaos } from './chaos.ts';

it('runs among services, database and orchestrator that are killed end like an undisturbed run, and leave nothing behind', async () => {
  const { runs, kills, differing, gaps, damaged, orphans, lost } = await makeChaos({
    seed: 1,
    kills: 10,
    maxPauseMs: 1500,
  });
  expect(runs).toBeGreaterThan(0);
  expect(Object.values(kills).reduce((sum, count) => sum + count)).toBe(10);
  expect({ differing, gaps, damaged, orphans, lost }).toEqual({
    differing: [],
    gaps: [],
    damaged: [],
    orphans: [],
    lost: [],
  });
}, 300_000);
