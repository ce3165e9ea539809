import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Engine, TrainingSpec } from '@hone/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { stateFolder, sweepStates } from './state-folders.ts';

const job = {
  storeDir: '/store',
  checkpoint: 'a',
  referenceCheckpoint: 'a',
  sampledFrom: '',
  dataset: 'b',
  spec: TrainingSpec.fromPartial({ loss: { version: 1, settings: { beta: 0.1 } }, batchSize: 2 }),
  seed: 1n,
};
const engine = Engine.fromPartial({ name: 'onnxruntime', version: '1', device: 'cpu', precision: 'float32' });
const computing = { engine, threads: 2 };

test('the same work has the same folder, and any other has another', () => {
  const others = [
    { ...job, checkpoint: 'c' },
    { ...job, referenceCheckpoint: 'c' },
    { ...job, dataset: 'c' },
    { ...job, sampledFrom: 'c' },
    { ...job, spec: TrainingSpec.fromPartial({ ...job.spec, batchSize: 3 }) },
    { ...job, seed: 2n },
  ];
  const own = stateFolder(job, computing);
  expect(stateFolder({ ...job, spec: TrainingSpec.fromPartial(job.spec) }, computing)).toBe(own);
  const elsewhere = [
    { ...computing, threads: 1 },
    { ...computing, engine: { ...engine, name: 'other' } },
    { ...computing, engine: { ...engine, version: '2' } },
  ];
  const all = [
    own,
    ...others.map((other) => stateFolder(other, computing)),
    ...elsewhere.map((other) => stateFolder(job, other)),
  ];
  expect(new Set(all).size).toBe(10);
});

test('states that nobody has come back for in 14 days are removed', async () => {
  const storeDir = await mkdtemp(path.join(tmpdir(), 'hone-states-'));
  onTestFinished(() => rm(storeDir, { recursive: true }));
  const parent = path.join(storeDir, 'work', 'training');
  for (const [name, days] of [
    ['old', 15],
    ['young', 13],
  ] as const) {
    await mkdir(path.join(parent, name), { recursive: true });
    const then = new Date(Date.now() - days * 86_400_000);
    await utimes(path.join(parent, name), then, then);
  }
  await sweepStates(storeDir);
  expect(await readdir(parent)).toEqual(['young']);
});
