/**
 * What the README of each lib and service says of its layer, its imports and its entries, which follows from package.json. Throws where a
 * package has no README, where that names a file which is not there, or where package.json does not name what the sources import.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LAYERS, packages } from '../layers.mjs';

const BLOCK = /<!-- layer: npm run docs -->[^]*<!-- \/layer -->/;
const OWN = '@hone/';

const listed = (names) => (names.length === 0 ? 'nothing' : names.map((name) => `\`${name}\``).join(', '));

/** Packages of Hone's that sources below a folder import, tests included. */
function importedBy(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(({ name }) =>
    name.endsWith('.ts'),
  );
  const texts = files.map((file) => readFileSync(path.join(file.parentPath ?? file.path, file.name), 'utf8'));
  const names = texts.flatMap((text) => [...text.matchAll(/['"](@hone\/[a-z-]+)(?:\/[^'"]*)?['"]/g)]);
  return new Set(names.map(([, name]) => name));
}

/** Throws where package.json and sources differ in which packages of Hone's are imported. */
function checkDeclared(root, { folder, manifest }) {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const imported = importedBy(path.join(root, folder, 'src'));
  imported.delete(manifest.name);
  const missing = [...imported].filter((name) => !declared.includes(name));
  const unused = declared.filter((name) => name.startsWith(OWN) && !imported.has(name));
  if (missing.length + unused.length > 0)
    throw new Error(`${folder}/package.json: does not name ${listed(missing)}; names without need ${listed(unused)}`);
}

function layerText({ manifest, layer }) {
  const allowed = LAYERS[layer];
  const imports = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith(OWN));
  const entries = Object.keys(manifest.exports ?? {}).map((entry) => path.posix.join(manifest.name, entry));
  return [
    `- Layer: \`${layer}\`; may import ${listed(allowed)}, which lint holds (\`scripts/layers.mjs\`)`,
    `- Imports: ${listed(imports.map((name) => name.slice(OWN.length)).sort())}`,
    layer === 'service' ? '- Entry: a process; no package imports it' : `- Entry: ${listed(entries)}`,
  ].join('\n');
}

function checkFiles(root, folder, text) {
  const named = [...text.matchAll(/^- `([^`]+)`:/gm)].map(([, file]) => file);
  for (const file of named)
    if (!existsSync(path.join(root, folder, 'src', file)))
      throw new Error(`${folder}/README.md names ${file}, which is not there`);
}

/** The READMEs of all packages, by their paths, as they should be. */
export function packageReadmes(root) {
  const all = packages().filter(({ layer }) => layer !== 'test');
  for (const one of all) checkDeclared(root, one);
  return new Map(
    all.map((one) => {
      const file = path.join(root, one.folder, 'README.md');
      if (!existsSync(file)) throw new Error(`${one.folder} has no README.md`);
      const text = readFileSync(file, 'utf8');
      if (!BLOCK.test(text))
        throw new Error(`${one.folder}/README.md lacks the lines <!-- layer: npm run docs --> and <!-- /layer -->`);
      checkFiles(root, one.folder, text);
      return [file, text.replace(BLOCK, `<!-- layer: npm run docs -->\n\n${layerText(one)}\n\n<!-- /layer -->`)];
    }),
  );
}
