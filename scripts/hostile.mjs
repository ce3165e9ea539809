/** `npm run hostile`: bundles test/hostile and runs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, bundle } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
await build();
// Inside the repository, so that npm packages resolve, and two folders deep, as the sources are.
const folder = mkdtempSync(path.join(root, 'dist', 'hostile-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const entries = ['main', 'health'].map((name) => [name, path.join(root, `test/hostile/${name}.ts`)]);
await bundle(Object.fromEntries(entries), folder);
await import(pathToFileURL(path.join(folder, 'main.mjs')).href);
