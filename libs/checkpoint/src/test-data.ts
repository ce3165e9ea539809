import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const repository = resolve(import.meta.dirname, '../../..');

/** The project's own golden values (test/golden/README.md). */
export const golden = join(repository, 'test/golden');

/** Larger reference data outside the repository; tests that need it are skipped where it is absent. */
export const referenceData = process.env['HONE_REFERENCE_DATA'] ?? resolve(repository, '../shared');
export const hasReferenceData = existsSync(join(referenceData, 'golden/models'));

/** An empty folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hone-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of a golden model folder, to be damaged. */
export async function copyOfModel(name: string): Promise<string> {
  const folder = join(await temporaryFolder(), name);
  await cp(join(golden, 'models', name), folder, { recursive: true });
  return folder;
}

/** Changes fields of a JSON file; `undefined` removes one. */
export async function editJson(file: string, changes: Record<string, unknown>): Promise<void> {
  const value = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...value, ...changes }));
}
