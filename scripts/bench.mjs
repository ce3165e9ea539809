/** `npm run bench`: bundles test/bench and runs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, bundle } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
await build();
// Inside the repository, so that npm packages resolve.
const folder = mkdtempSync(path.join(root, 'dist', 'bench-'));
try {
  const sources = path.join(root, 'test/bench');
  await bundle({ bench: path.join(sources, 'bench.ts'), child: path.join(sources, 'child.ts') }, folder);
  await import(pathToFileURL(path.join(folder, 'bench.mjs')).href);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
