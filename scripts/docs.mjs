/**
 * Writes the pages of docs/reference, which are made from the schemas. With --check it writes nothing, and fails where a page would
 * change.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { bundle } from './build.mjs';
import { generate } from './generate.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const page = path.join(root, 'docs', 'reference', 'recipes.md');

generate();
// Below the packages that stay outside of the bundle.
const folder = path.join(root, `dist.docs.${process.pid}`);
let text;
try {
  await bundle({ 'reference-page': path.join(root, 'scripts/docs/reference-page.ts') }, folder);
  const { referencePage } = await import(pathToFileURL(path.join(folder, 'reference-page.mjs')).href);
  text = await format(referencePage(), { ...(await resolveConfig(page)), parser: 'markdown' });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const before = existsSync(page) ? readFileSync(page, 'utf8') : '';
if (process.argv.includes('--check')) {
  if (before !== text) {
    process.stderr.write(`${path.relative(root, page)} is not what the schemas say: npm run docs writes it\n`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(path.dirname(page), { recursive: true });
  writeFileSync(page, text);
}
