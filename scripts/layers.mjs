/**
 * The architecture as layers: each package has one, as its tag `layer:NAME`, and imports those below it and its own kind only. Lint
 * holds it (eslint.config.mjs), and each lib's README says it (npm run docs).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** What each layer's packages may import, from the bottom up. */
export const LAYERS = {
  foundation: ['foundation'],
  engine: ['engine', 'foundation'],
  contract: ['foundation'],
  domain: ['domain', 'contract', 'engine', 'foundation'],
  transport: ['transport', 'contract', 'foundation'],
  client: ['client', 'transport', 'domain', 'contract', 'engine', 'foundation'],
  service: ['client', 'transport', 'domain', 'contract', 'engine', 'foundation'],
  test: ['test', 'client', 'transport', 'domain', 'contract', 'engine', 'foundation'],
};

/** All packages of the workspace: their folders, their package.json, and their layer. */
export function packages() {
  const folders = ['libs', 'services'].flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`),
  );
  return [...folders, 'test']
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
      return { folder, manifest, layer: layerOf(folder, manifest) };
    });
}

function layerOf(folder, { nx }) {
  const layers = (nx?.tags ?? []).filter((tag) => tag.startsWith('layer:')).map((tag) => tag.slice('layer:'.length));
  if (layers.length === 1 && Object.hasOwn(LAYERS, layers[0])) return layers[0];
  const known = Object.keys(LAYERS).map((layer) => `layer:${layer}`);
  throw new Error(`${folder}/package.json must have one of the tags ${known.join(', ')}`);
}
