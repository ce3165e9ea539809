/** Nx's targets: which there are, and what they read. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');

interface Target {
  readonly executor: string;
  readonly inputs?: readonly unknown[];
  readonly dependsOn?: readonly unknown[];
}
interface Plugin {
  readonly createNodes: readonly [
    pattern: string,
    create: (
      files: readonly string[],
      options: undefined,
      context: { readonly workspaceRoot: string },
    ) => [file: string, nodes: { readonly projects: Record<string, { readonly targets: Record<string, Target> }> }][],
  ];
}

const manifests = ['libs', 'services'].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}/package.json`),
);

async function targetsByFolder(): Promise<Map<string, Record<string, Target>>> {
  const { default: plugin } = (await import(path.join(ROOT, 'scripts/nx/plugin.mjs'))) as { readonly default: Plugin };
  const [, create] = plugin.createNodes;
  const nodes = create([...manifests, 'test/package.json'], undefined, { workspaceRoot: ROOT });
  return new Map(
    nodes.flatMap(([, { projects }]) =>
      Object.entries(projects).map(([folder, { targets }]) => [folder, targets] as const),
    ),
  );
}

test('every package has the targets build, lint, typecheck and test', async () => {
  for (const [folder, targets] of await targetsByFolder())
    expect(Object.keys(targets).sort(), folder).toEqual(['build', 'lint', 'test', 'typecheck']);
});

test('a result is taken from the cache only where neither sources, nor what they import, nor reference data has changed', async () => {
  for (const [folder, { test: tests, typecheck }] of await targetsByFolder()) {
    expect(tests?.inputs, folder).toEqual(
      expect.arrayContaining(['sources', '^production', 'testData', { env: 'HONE_REFERENCE_DATA' }]),
    );
    expect(typecheck?.inputs, folder).toEqual(expect.arrayContaining(['sources', '^production']));
  }
});

test('tests that run built processes build them first', async () => {
  const targets = await targetsByFolder();
  expect(targets.get('services/trainer')?.['test']?.dependsOn).toContain('build');
  const services = readdirSync(path.join(ROOT, 'services')).map((name) => `@hone/${name}`);
  expect(targets.get('test')?.['test']?.dependsOn).toContainEqual({
    projects: expect.arrayContaining(services),
    target: 'build',
  });
});
