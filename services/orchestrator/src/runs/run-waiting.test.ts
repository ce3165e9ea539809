/** What a run says while it waits, and what is known to be away before it starts. */
import { createServer, type AddressInfo } from 'node:net';
import {
  CombinationRule,
  messageOf,
  RunState,
  ScorerRef,
  WatchRunRequest,
  type PartialMessage,
  type RunEvent,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callServerStream, callUnary } from '@hone/rpc';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsOf, startPlatform, type TestPlatform } from '../testing/platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.hooks.before = async () => undefined;
});

const waitsOf = (events: readonly RunEvent[]) =>
  events.flatMap(({ event, iteration, step, kind }) =>
    event?.$case === 'waiting' ? [{ iteration, step, kind, ...event.value }] : [],
  );

/** A port of loopback at which nobody listens. */
async function unusedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

describe('a service that is away', () => {
  it.each([
    ['sample', 'sampler'],
    ['score', 'scorer'],
    ['buildDataset', 'pair-builder'],
    ['train', 'trainer'],
    ['evaluate', 'evaluator'],
  ])('in %s is an event for each try, which stays with the run', async (call, service) => {
    const seen: RunEvent[] = [];
    platform.hooks.before = async (name) => {
      if (name !== call || waitsOf(seen).length >= 3) return;
      throw HoneError.received({ code: 'UNAVAILABLE', reason: 'GONE', message: 'away' });
    };
    const { name } = await platform.createRun((it) => void (settingsOf(it)['iterations'] = 1));
    const watched = callServerStream(platform.client, 'watchRun', WatchRunRequest.fromPartial({ name }));
    for await (const event of watched) seen.push(event);
    expect((await platform.getRun(name)).state).toBe(RunState.SUCCEEDED);
    const waits = waitsOf(seen);
    expect(waits.slice(0, 3).map(({ attempt, nextTrySeconds }) => [attempt, nextTrySeconds])).toEqual([
      [1, 0.25],
      [2, 0.5],
      [3, 1],
    ]);
    for (const wait of waits) {
      expect(wait).toMatchObject({ service, code: 'UNAVAILABLE', reason: 'GONE', message: 'away' });
      expect(wait.address).toMatch(/^127\.0\.0\.1:\d+$/);
    }
    expect(waitsOf(await platform.watch(name))).toEqual(waits);
  });
});

describe('a scorer, before a run starts,', () => {
  const check = (scorer: PartialMessage<ScorerRef>, validateOnly: boolean) =>
    callUnary(platform.client, 'createRun', {
      requestId: '',
      spec: platform.spec((it) => void (it.scorer = messageOf(ScorerRef, scorer))),
      validateOnly,
    });

  it.each([true, false])('must answer at its address (validate_only %s)', async (validateOnly) => {
    const address = await unusedPort();
    await expect(check({ name: 'gsm8k', address }, validateOnly)).rejects.toMatchObject({
      ...{ code: 'FAILED_PRECONDITION', reason: 'SCORER_UNREACHABLE', metadata: { address } },
      violations: [{ field: 'spec.scorer.address' }],
    });
  });

  it.each([true, false])('must be one of its server (validate_only %s)', async (validateOnly) => {
    await expect(check({ name: 'gsm9k' }, validateOnly)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'spec.scorer.name: must be one of the scorers: gsm8k',
    });
  });

  it('must have the settings that are given', async () => {
    const refused = check({ name: 'gsm8k', config: { patern: 'x' } }, true);
    await expect(refused).rejects.toThrow('spec.scorer.config["patern"]: is no setting of gsm8k, which takes none');
  });

  it('is checked within a combination too', async () => {
    const scorers = [{ name: 'gsm8k' }, { name: 'other' }];
    const refused = check({ combination: { rule: CombinationRule.ANY, scorers } }, true);
    await expect(refused).rejects.toThrow(/^spec\.scorer\.combination\.scorers\[1\]\.name: must be one of/);
  });

  it('that is well is no reason to refuse', async () => {
    expect((await check({ name: 'gsm8k' }, true)).spec?.scorer?.name).toBe('gsm8k');
  });
});
