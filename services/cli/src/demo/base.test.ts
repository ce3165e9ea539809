import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactStore } from '@hone/artifacts';
import { expect, test } from 'vitest';
import { SHIPPED_BASE } from './recipe.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

test('the model that comes with the demo has the name that is expected of it, which is its content', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-base-'));
  try {
    const store = await ArtifactStore.open(path.join(folder, 'store'));
    const { digest } = await store.putFolder(here('../../../../examples/arithmetic-base'));
    expect(`checkpoints/${digest}`).toBe(SHIPPED_BASE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('it is what "hone demo --from-scratch" was recorded to make of nothing', () => {
  const { runs } = JSON.parse(readFileSync(here('../../../../test/identity/recorded.json'), 'utf8')) as {
    runs: Record<string, { iterations: { checkpoint: string }[] }>;
  };
  expect(runs['demo, seed 1']!.iterations[0]!.checkpoint).toBe(SHIPPED_BASE);
});
