import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOfName } from '@hone/contracts';
import { describeService } from '@hone/rpc';
import { expect, onTestFinished, test } from 'vitest';
import { DEMONSTRATION_SPEC, TestTrainer, type Record } from '../testing/test-trainer.ts';

/** An engine that takes a step for each row, and makes its start anew. */
const COPY = `
import { cp } from 'node:fs/promises';
export const kind = 'training';
export default ({ ArtifactStore, errors, nameOfDigest, StepMetrics }) => ({
  name: 'copy',
  summary: 'Trains nothing.',
  open: async ({ threads }) => ({
    capacity: 2,
    describe: () => ({
      ...{ name: 'copy', version: '7', device: 'cpu', deviceName: threads + ' threads' },
      ...{ precision: 'float32', precisions: ['float32'], capabilities: ['resume'] },
    }),
    train: async (job, { signal, onEvent }) => {
      const store = await ArtifactStore.open(job.storeDir);
      let step = 0;
      for await (const _ of store.readJsonLines(job.dataset)) {
        errors.throwIfAborted(signal);
        step += 1;
        onEvent({ metrics: StepMetrics.fromPartial({ step, loss: 1 / step, tokens: 3n }), totalSteps: 2 });
      }
      onEvent({ warning: 'nothing is trained' });
      const start = await store.openFolder(job.checkpoint);
      const { digest, bytes } = await store.createFolder((folder) => cp(start, folder, { recursive: true }));
      const name = nameOfDigest('checkpoints', digest);
      return {
        checkpoint: { name, bytes, parameterCount: 5, droppedTooLong: 0, resumedFromStep: 0 },
        usage: { cpuSeconds: 0, peakMemoryBytes: 0 },
      };
    },
    close: async () => {},
  }),
});`;
/** One folder may hold engines of both kinds. */
const SAMPLING = `export const kind = 'sampling';\nexport default () => { throw new Error('this is the trainer'); };`;

const EXAMPLES: readonly Record[] = ['a', 'b'].map((promptText) => ({
  $case: 'example',
  value: { promptText, completionText: 'c' },
}));

async function start(engine: string): Promise<TestTrainer> {
  const enginesDir = await mkdtemp(path.join(tmpdir(), 'hone-engines-'));
  onTestFinished(() => rm(enginesDir, { recursive: true }));
  await writeFile(path.join(enginesDir, 'copy.mjs'), COPY);
  await writeFile(path.join(enginesDir, 'other.mjs'), SAMPLING);
  return TestTrainer.start({ engine, enginesDir });
}

test("a trainer with an engine of one's own describes it and has it compute its jobs", async () => {
  const trainer = await start('copy');
  const { capacity, engine } = await describeService(trainer.address);
  expect({ capacity, engine }).toMatchObject({ capacity: 2, engine: { name: 'copy', deviceName: '1 threads' } });
  const { name } = await trainer.initialize();
  const { name: dataset } = await trainer.upload(EXAMPLES);
  const made = await trainer.train({ checkpoint: name, dataset, spec: DEMONSTRATION_SPEC });
  expect(made).toMatchObject({ steps: 2, warnings: ['nothing is trained'], usage: { tokens: 6n } });
  expect([made.first?.loss, made.last?.loss]).toEqual([1, 0.5]);
  expect(digestOfName('checkpoints', made.checkpoint!.name, 'checkpoint')).toBe(
    digestOfName('checkpoints', name, 'checkpoint'),
  );
  const engineOf = { name: 'copy', version: '7', device: 'cpu', precision: 'float32' };
  expect(JSON.parse(made.checkpoint!.recipeJson)).toMatchObject({ engine: engineOf });
});

test('what the engine cannot do is refused before the job is queued', async () => {
  const trainer = await start('copy');
  const { name: checkpoint } = await trainer.initialize();
  const { name: dataset } = await trainer.upload(EXAMPLES);
  const spec = { ...DEMONSTRATION_SPEC, lora: { rank: 2, alpha: 2 } };
  await expect(trainer.train({ checkpoint, dataset, spec })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('spec.lora: must be left out: the engine copy cannot do it'),
  });
});

test('an engine that is not there is refused, and those that are there are named', async () => {
  await expect(start('cpy')).rejects.toThrow('--engine: must be one of onnxruntime, copy, but is "cpy"');
});
