/**
 * Writes the pages of docs/reference, which are made from schemas and tables, and what the READMEs of packages say of their layer. With
 * --check it writes nothing, and fails where a page would change.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { bundle } from './build.mjs';
import { packageReadmes } from './docs/package-readmes.mjs';
import { generate } from './generate.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Sources below scripts/docs, what they export, and the pages that it makes. */
const PAGES = [
  ['reference-page', 'referencePage', 'recipes.md'],
  ['losses-page', 'lossesPage', 'losses.md'],
  ['settings-page', 'settingsPage', 'settings.md'],
  ['errors-page', 'errorsPage', 'errors.md'],
];
const reference = path.join(root, 'docs', 'reference');

generate();
// Below the packages that stay outside of the bundle.
const folder = path.join(root, `dist.docs.${process.pid}`);
const texts = packageReadmes(root);
try {
  const sources = PAGES.map(([source]) => [source, path.join(root, `scripts/docs/${source}.ts`)]);
  await bundle(Object.fromEntries(sources), folder);
  for (const [source, name, file] of PAGES) {
    const page = path.join(reference, file);
    const module = await import(pathToFileURL(path.join(folder, `${source}.mjs`)).href);
    texts.set(page, await format(module[name](), { ...(await resolveConfig(page)), parser: 'markdown' }));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const [page, text] of texts) {
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '';
  if (before === text) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${path.relative(root, page)} is not what its sources say: npm run docs writes it\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(reference, { recursive: true });
    writeFileSync(page, text);
  }
}
