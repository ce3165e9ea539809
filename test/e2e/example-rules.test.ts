/** The dataset rule of examples/: built as its README says, checked by the conformance kit, and used by the pair-builder. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  BuildDatasetRequest,
  JudgedProblem,
  messageOf,
  packInt32,
  PairBuilderServiceClient,
  PreferenceGroup,
  Verdict,
  VerdictState,
  type BuiltDataset,
  type RowsRef,
} from '@hone/contracts';
import { callServerStream, connect } from '@hone/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExampleServers, hasPython, HONE, python, pythonContracts, ROOT, whyNoPython } from './examples.ts';
import { buildServices, startService, type ServiceProcess } from './platform.ts';

const servers = new ExampleServers();
let folder: string;
let store: ArtifactStore;
let service: ServiceProcess;
let builder: PairBuilderServiceClient;
beforeAll(async () => {
  await buildServices();
  folder = mkdtempSync(path.join(tmpdir(), 'hone-rules-'));
  const storeDir = path.join(folder, 'store');
  store = await ArtifactStore.open(storeDir);
  service = await startService('pair-builder', ['--store', storeDir]);
  builder = connect(PairBuilderServiceClient, service.address);
}, 120_000);
afterAll(async () => {
  await servers.stop();
  builder.close();
  await service.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

/** Lengths of completions in tokens, and whether each is right: its sample index is its place. */
const SAMPLES: readonly (readonly [length: number, score: number])[] = [
  [6, 1],
  [3, 1],
  [4, 0],
  [9, 0],
  [7, 0],
];

async function put(kind: string, rows: object[]): Promise<RowsRef> {
  const { digest, count } = await store.putJsonLines(rows);
  return { kind, version: 1, digest, count };
}

async function storedSamples() {
  const completions = SAMPLES.map(([length], sampleIndex) => {
    const tokenIds = packInt32(Array.from({ length }, (_, at) => 10 * (sampleIndex + 1) + at));
    return { completion: { sampleIndex, tokenIds, text: `text ${sampleIndex}` } };
  });
  const problem = messageOf(JudgedProblem, { problemId: 'p', promptTokenIds: packInt32([1]), completions });
  const verdicts = SAMPLES.map(([, score], index) => ({ id: `p#${index}`, state: VerdictState.SCORED, score }));
  return {
    completions: await put('completions', [JudgedProblem.toJSON(problem) as object]),
    verdicts: await put(
      'verdicts',
      verdicts.map((fields) => Verdict.toJSON(messageOf(Verdict, fields)) as object),
    ),
  };
}

async function build(address: string, settings: object): Promise<BuiltDataset> {
  const rule = { name: 'short-over-long', address, settings };
  const request = messageOf(BuildDatasetRequest, { rule, sources: [await storedSamples()] });
  for await (const { message } of callServerStream(builder, 'buildDataset', request))
    if (message?.$case === 'result') return message.value;
  throw new Error('no result');
}

describe(`the example in Python${whyNoPython}`, () => {
  it.skipIf(!hasPython)('keeps the contract of dataset rules, and makes datasets', { timeout: 300_000 }, async () => {
    const env = pythonContracts(folder, ['pairbuilder', 'types']);
    const cwd = path.join(ROOT, 'examples/extensions/rule/python');
    const address = await servers.start(python, ['server.py'], { cwd, env });
    const check = spawnSync(process.execPath, [HONE, 'rule', 'check', address], { encoding: 'utf8' });
    expect(check.stdout + check.stderr).toMatch(/ passed, 0 failed/);
    expect(check.status).toBe(0);

    const { dataset, report } = await build(address, { per_problem: 2 });
    expect(report).toMatchObject({ rule: 'short-over-long/1', problems: 1, pairs: 2, settings: { per_problem: 2 } });
    const rows: PreferenceGroup[] = [];
    for await (const row of store.readJsonLines(dataset!.name.replace('datasets/', '')))
      rows.push(PreferenceGroup.fromJSON(row));
    expect(rows).toHaveLength(1);
    const samples = rows[0]!.pairs.map(({ chosen, rejected }) =>
      [chosen, rejected].map((at) => rows[0]!.completions[at]!.sampleIndex),
    );
    expect(samples).toEqual([
      [1, 3],
      [1, 4],
    ]);
    await expect(build(address, { per_problem: 0 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: [{ field: 'rule.settings', description: expect.stringContaining('config.settings.per_problem') }],
    });
  });
});
