/** `npm run identity`: bundles test/identity and runs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, bundle } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
await build();
// Inside the repository, so that npm packages resolve, and two folders deep, as the sources are.
const folder = mkdtempSync(path.join(root, 'dist', 'identity-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await bundle({ main: path.join(root, 'test/identity/main.ts') }, folder);
await import(pathToFileURL(path.join(folder, 'main.mjs')).href);
