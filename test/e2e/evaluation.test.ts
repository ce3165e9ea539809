/** Evaluations across processes: a killed evaluator goes on, and `hone eval` and `hone benchmarks` from the shell. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  EvaluateRequest,
  Evaluation,
  EvaluatorServiceClient,
  messageOf,
  OperationsClient,
  TrainerServiceClient,
  UploadProblemSetRequest,
} from '@hone/contracts';
import { ArtifactStore } from '@hone/artifacts';
import { uploadProblemSet } from '@hone/datasets';
import { awaitOperation, callUnary, connect } from '@hone/rpc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildServices, startService, type ServiceProcess } from './platform.ts';
import { modelRequest, problems } from './sums.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const MODEL = path.join(root, 'test/golden/models/untied');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hone-eval-'));
  await buildServices();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an evaluator that is killed', () => {
  const ended: ServiceProcess[] = [];
  afterAll(() => Promise.all(ended.map((service) => service.end('SIGKILL'))));

  /** Services over a store of their own, and a model and problems in it. */
  async function start(name: string) {
    const store = path.join(folder, name);
    const common = ['--store', store, '--threads', '1'];
    const [sampler, scorer, trainer] = await Promise.all(
      (['sampler', 'scorer', 'trainer'] as const).map((role) => startService(role, common)),
    );
    ended.push(sampler!, scorer!, trainer!);
    const peers = ['--sampler', sampler!.address, '--scorer', scorer!.address];
    const startEvaluator = async () => {
      const service = await startService('evaluator', [...common, ...peers]);
      ended.push(service);
      return service;
    };
    const trainerClient = connect(TrainerServiceClient, trainer!.address);
    const checkpoint = await callUnary(trainerClient, 'initializeCheckpoint', modelRequest());
    trainerClient.close();
    return { store, startEvaluator, checkpoint: checkpoint.name };
  }

  const { signal } = new AbortController();

  async function evaluate(address: string, store: string, checkpoint: string): Promise<Evaluation> {
    const [client, operations] = [connect(EvaluatorServiceClient, address), connect(OperationsClient, address)];
    try {
      const uploads = (async function* () {
        for (const problem of problems()) yield UploadProblemSetRequest.fromPartial({ problem });
      })();
      const { name: problemSet } = await uploadProblemSet(await ArtifactStore.open(store), uploads, { signal });
      const sampling = { temperature: 1, topP: 1 };
      const spec = { greedy: true, maxTokens: 24, majority: { k: 4, samples: 12, sampling } };
      const requestId = 'a1b2c3d4-0000-4000-8000-000000000000';
      const fields = { requestId, checkpoint, problemSet, scorer: { name: 'gsm8k' }, spec, seed: 5n };
      const operation = await callUnary(client, 'evaluate', messageOf(EvaluateRequest, fields));
      const evaluation = await awaitOperation({ client: operations, operation, response: Evaluation, pollMs: 20 });
      return { ...evaluation, usage: undefined };
    } finally {
      client.close();
      operations.close();
    }
  }

  const judged = (store: string): number => {
    const work = path.join(store, 'work/evaluations');
    if (!existsSync(work)) return 0;
    return readdirSync(work, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.jsonl'))
      .reduce((sum, name) => sum + readFileSync(path.join(work, name), 'utf8').split('\n').length - 1, 0);
  };

  test('goes on from what it had judged, to the result of an uninterrupted one', async () => {
    const killed = await start('killed');
    const first = await killed.startEvaluator();
    const running = evaluate(first.address, killed.store, killed.checkpoint);
    const lost = expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    while (judged(killed.store) < 200) await delay(2);
    await first.end('SIGKILL');
    await lost;
    const before = judged(killed.store);
    expect(before).toBeLessThan(1300);
    const resumed = await evaluate((await killed.startEvaluator()).address, killed.store, killed.checkpoint);
    expect(judged(killed.store)).toBe(0);
    const whole = await start('whole');
    const uninterrupted = await evaluate((await whole.startEvaluator()).address, whole.store, whole.checkpoint);
    expect(resumed).toEqual(uninterrupted);
  });
});

interface Result {
  readonly evaluation: string;
  readonly problems: number;
  readonly greedy: { total: number; interval: [number, number] };
  readonly at_k: { k: number }[];
  readonly template_digests: string[];
  readonly data_digest: string;
  readonly scorer: { name: string; version: string };
  readonly outcomes: { id: string; votes: unknown[] }[];
  readonly comparison?: { differences: { measure: string; difference: number }[]; mcnemar: { p_value: number } };
}

describe('from the shell', () => {
  async function hone(...args: string[]): Promise<string> {
    const main = path.join(root, 'dist/cli/main.mjs');
    const env = {
      ...process.env,
      HONE_HOME: path.join(folder, 'home'),
      HONE_THREADS: '1',
      HF_ENDPOINT: 'http://127.0.0.1:9',
    };
    return (await promisify(execFile)(process.execPath, [main, ...args], { env })).stdout;
  }
  const write = (name: string, rows: readonly object[]): string => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
    return file;
  };

  test('a model is evaluated on problems of a file, and compared with an earlier result', async () => {
    const rows = Array.from({ length: 6 }, (_, i) => ({
      prompt: `${i} + ${i} =`,
      answer: 2 * i,
      subject: i < 3 ? 'low' : 'high',
    }));
    const file = write('own.jsonl', rows);
    const options = [
      '--benchmark',
      'jsonl',
      '--file',
      file,
      '--scorer',
      'gsm8k',
      '--k',
      '2',
      '--samples',
      '3',
      '--max-tokens',
      '4',
    ];
    const earlier = path.join(folder, 'earlier.json');
    const table = await hone('eval', '--model', MODEL, ...options, '--output', earlier);
    expect(table).toMatch(/^task +metric +% +95 % interval +N +scorer$/m);
    expect(table).toMatch(/^jsonl own +greedy +[\d.]+ +\[[\d.]+, [\d.]+\] +6 +gsm8k/m);
    const result = JSON.parse(
      await hone('eval', '--model', MODEL, ...options, '--seed', '1', '--compare', earlier, '--json'),
    ) as Result;
    expect(result).toMatchObject({ problems: 6, greedy: { total: 6 }, scorer: { name: 'gsm8k' } });
    expect(result.evaluation).toMatch(/^evaluations\/[0-9a-f]{64}$/);
    expect(result.at_k.map(({ k }) => k)).toEqual([1, 2]);
    expect([...result.template_digests, result.data_digest].every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(
      true,
    );
    expect(result.outcomes.map(({ votes }) => votes.length)).toEqual([3, 3, 3, 3, 3, 3]);
    const { differences, mcnemar } = result.comparison!;
    // Greedy decoding does not depend on the seed.
    expect(differences[0]).toMatchObject({ measure: 'greedy', difference: 0 });
    expect(mcnemar.p_value).toBe(1);
  });

  test('a benchmark is imported from a folder, shown as the model sees it, and checked against training problems', async () => {
    const question = (i: number): string =>
      `A box holds ${i} balls and each of ${i + 1} children takes one of them out. How many balls are left in it?`;
    const row = (i: number): object => ({ question: question(i), answer: `It is clear.\n#### ${i}` });
    write('gsm8k/test.jsonl', [row(1), row(2), row(3)]);
    write('gsm8k/train.jsonl', [row(2), { question: 'Something else entirely?', answer: '#### 1' }]);
    for (const split of ['test', 'train']) {
      const [imported] = JSON.parse(
        await hone('benchmarks', 'import', 'gsm8k', '--split', split, '--from', path.join(folder, 'gsm8k'), '--json'),
      ) as object[];
      expect(imported).toMatchObject({ benchmark: 'gsm8k', split, problems: split === 'test' ? 3 : 2 });
    }
    expect(await hone('benchmarks', 'show', 'gsm8k')).toContain(`Question: ${question(1)}\n\nSolution:`);
    const report = JSON.parse(
      await hone('benchmarks', 'contamination', 'train', 'test', '--benchmark', 'gsm8k', '--json'),
    ) as object;
    expect(report).toMatchObject({ exact: 1, overlaps: [{ test: 'gsm8k-1', train: 'gsm8k-0', exact: true }] });
    const listed = JSON.parse(await hone('benchmarks', 'list', '--json')) as { name: string; imported: object[] }[];
    expect(listed.find(({ name }) => name === 'gsm8k')!.imported).toHaveLength(2);
  });

  test('without a network and a folder there is one clear error', async () => {
    await expect(hone('benchmarks', 'import', 'arc')).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: cannot download allenai\/ai2_arc .*--from\n$/) as string,
    });
  });

  test('a benchmark that was not imported is an error that says how to', async () => {
    await expect(hone('eval', '--model', MODEL, '--benchmark', 'math')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('hone benchmarks import math --split test') as string,
    });
  });
});
