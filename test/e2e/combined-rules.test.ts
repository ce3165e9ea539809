/** A run whose pairs come of several rules in an order, with gold chains, a limit in all, and samples of the iteration before. */
import {
  GetRunRequest,
  ListPairsRequest,
  resultOf,
  RunSpec,
  RunState,
  type ListPairsResponse,
  type Run,
} from '@hone/contracts';
import { callClientStream, callServerStream, callUnary } from '@hone/rpc';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPlatform, type Platform } from './platform.ts';
import { demonstrations, essence, modelRequest, problems, runSpec } from './sums.ts';

const MOST = 70;
const pairs = {
  rule: 'combine',
  stages: [
    { rule: 'near-duplicates', threshold: 0.95 },
    { rule: 'gold-chains' },
    { rule: 'hardest-negatives', per_problem: 1 },
    { rule: 'cycle', per_problem: 2 },
    { rule: 'cap', per_problem: 2 },
  ],
  most_in_all: MOST,
};

let platform: Platform;
let spec: RunSpec;
beforeAll(async () => {
  platform = await startPlatform();
  const { name: checkpoint } = await callUnary(platform.trainer, 'initializeCheckpoint', modelRequest());
  async function* solved() {
    for (const problem of problems()) yield { problem: { ...problem, solution: `#### ${problem.gold}` } };
  }
  async function* examples() {
    for (const value of demonstrations()) yield { record: { $case: 'example' as const, value } };
  }
  const { name: problemSet } = await callClientStream(platform.uploads, 'uploadProblemSet', solved());
  const { name: dataset } = await callClientStream(platform.uploads, 'uploadDataset', examples());
  spec = runSpec({ checkpoint, problemSet, dataset });
  spec = { ...spec, settings: { ...spec.settings, pairs, replay: 1 } };
}, 180_000);
afterAll(() => platform.stop());

async function finish(): Promise<Run> {
  const { orchestrator } = platform;
  const { name } = await callUnary(orchestrator, 'createRun', { requestId: '', spec, validateOnly: false });
  const events = callServerStream(orchestrator, 'watchRun', { name, afterEvent: 0n });
  while (!(await events.next()).done);
  const run = await callUnary(orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));
  expect([run.error, run.state]).toEqual(['', RunState.SUCCEEDED]);
  return run;
}

async function pairsOf({ name }: Run, iteration: number): Promise<ListPairsResponse['pairs']> {
  const found: ListPairsResponse['pairs'] = [];
  let pageToken = '';
  do {
    const request = ListPairsRequest.fromPartial({ run: name, iteration, pageSize: 1000, pageToken });
    const page = await callUnary(platform.orchestrator, 'listPairs', request);
    found.push(...page.pairs);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
}

it('ends, says which rule made each pair, and makes the same again', { timeout: 300_000 }, async () => {
  const run = await finish();
  const [, first, second] = run.iterations.map((iteration) => resultOf(iteration, 'build')?.report);
  expect(first).toMatchObject({ rule: 'combine/1', problems: 60 });
  // The iteration before is paired again.
  expect(second).toMatchObject({ rule: 'combine/1', problems: 120 });
  for (const report of [first!, second!]) {
    expect(report.pairs).toBeLessThanOrEqual(MOST);
    expect(Object.values(report.pairsByRule).reduce((sum, count) => sum + count)).toBe(report.pairs);
    expect(report.meanRejectedTokens).toBeGreaterThan(0);
  }
  const listed = await pairsOf(run, 1);
  expect(listed).toHaveLength(first!.pairs);
  const counted = (rule: string): number => listed.filter((pair) => pair.rule === rule).length;
  for (const [rule, count] of Object.entries(first!.pairsByRule)) expect(counted(rule)).toBe(count);
  const gold = listed.filter(({ chosen }) => chosen!.completion!.sampleIndex < 0);
  expect(gold.length).toBeGreaterThan(0);
  for (const { chosen } of gold) expect(chosen!.completion!.text).toBe(`#### ${chosen!.problem!.gold}`);
  // Of the second iteration those of its own samples are shown.
  const shown = (await pairsOf(run, 2)).length;
  expect(shown).toBeGreaterThan(0);
  expect(shown).toBeLessThan(second!.pairs);
  expect(essence(await finish())).toEqual(essence(run));
});
