/** Two orchestrators on one state: the second is refused, and takes over as soon as the first is gone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ListRunsRequest, OrchestratorServiceClient } from '@hone/contracts';
import { callUnary, connect } from '@hone/rpc';
import { expect, it } from 'vitest';
import { buildServices, startService } from './platform.ts';

it('the second orchestrator on a state is refused with one clear line, and takes over from a killed first', async () => {
  await buildServices();
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-two-'));
  const flags = ['--store', path.join(folder, 'store'), '--state', path.join(folder, 'state')];
  const runs = async (address: string): Promise<number> => {
    const client = connect(OrchestratorServiceClient, address);
    try {
      return (await callUnary(client, 'listRuns', ListRunsRequest.fromPartial({}))).runs.length;
    } finally {
      client.close();
    }
  };
  const first = await startService('orchestrator', flags);
  await expect(startService('orchestrator', flags)).rejects.toThrow(
    /error: orchestrator: .*is in use by process \d+ on .*: end that orchestrator/,
  );
  expect(await runs(first.address)).toBe(0);
  await first.end('SIGKILL');
  const second = await startService('orchestrator', flags);
  expect(await runs(second.address)).toBe(0);
  expect(await second.end('SIGTERM')).toBe(0);
  await rm(folder, { recursive: true });
}, 60_000);
