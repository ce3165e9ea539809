/** `npm run bench [NAME …]`: what measures the orchestrator, then the bundle of test/bench (`npm run bench orchestrator`). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, bundle } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
await build();
const wanted = process.argv.slice(2);
if (wanted.length === 0 || wanted.some((name) => 'orchestrator'.includes(name))) {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'bench', '--run', 'services/orchestrator'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
// Inside the repository, so that npm packages resolve.
const folder = mkdtempSync(path.join(root, 'dist', 'bench-'));
try {
  const sources = path.join(root, 'test/bench');
  await bundle({ bench: path.join(sources, 'bench.ts'), child: path.join(sources, 'child.ts') }, folder);
  await import(pathToFileURL(path.join(folder, 'bench.mjs')).href);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
