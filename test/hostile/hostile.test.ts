import { expect, it } from 'vitest';
import { makeHostileCalls } from './hostile.ts';

it('hostile requests end no process, stall no connection, and are answered with canonical statuses', async () => {
  const { statuses, ...found } = await makeHostileCalls({ seed: 1, requests: 800 });
  expect(found).toEqual({ requests: 800, ended: [], stalled: [], defects: [] });
  // They get past the first check, too.
  expect(statuses['OK']).toBeGreaterThan(20);
  expect(statuses['INVALID_ARGUMENT']).toBeGreaterThan(200);
}, 300_000);
