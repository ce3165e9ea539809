import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCheckpoint } from '@hone/checkpoint';
import { expect, test } from 'vitest';
import type { Row } from './data/batch.ts';
import { LogProbRunner, StepRunner } from './step-runner.ts';

const configs = fileURLToPath(new URL('../../../test/golden/configs/', import.meta.url));
/** Tokens of the sequence that are its prompt: more than any window. */
const PROMPT = 10;

test.each(readdirSync(configs))('%s: the training graphs give the log-probs of Transformers', async (name) => {
  const { config, weights } = await readCheckpoint(path.join(configs, name));
  const { ids, logprobs } = JSON.parse(await readFile(path.join(configs, name, 'expected.json'), 'utf8')) as {
    ids: number[];
    logprobs: number[];
  };
  const row: Row = {
    promptTokenIds: Int32Array.from(ids.slice(0, PROMPT)),
    completionTokenIds: Int32Array.from(ids.slice(PROMPT)),
    referenceLogProb: 0,
    nllWeight: 1,
  };
  const expected = logprobs.slice(PROMPT - 1).reduce((sum, value) => sum + value, 0);
  // Two completions share the prompt.
  const forward = await LogProbRunner.create({ config, weights }, 1);
  for (const sum of await forward.run([row, row])) expect(Math.abs(sum - expected)).toBeLessThan(5e-4);
  await forward.close();
  for (const sharedPrompts of [true, false]) {
    const step = await StepRunner.create({ config, weights }, { sharedPrompts }, 1);
    const { logProbs } = await step.run({ rows: [row, row], pairs: [], labels: [], kl: 0 });
    for (const sum of logProbs) expect(Math.abs(sum - expected)).toBeLessThan(5e-4);
    await step.close();
  }
});
