/**
 * Fails where sources import each other in a circle, within a package or between packages. Every import counts: of types only, and
 * `import()`; a file that imports itself is a circle of one. Takes the root of a workspace (default: this one).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const FOLDERS = ['libs', 'services', 'test', 'scripts', 'examples'];
const PASSED_OVER = new Set(['node_modules', 'dist', 'generated', 'golden']);

function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : sourcesBelow(file);
    return /\.(?:ts|mjs)$/.test(entry.name) ? [file] : [];
  });
}

/** Entries of the workspace's packages, as they are imported: "@hone/rpc" -> its file, "@hone/database/testing/*" -> its pattern. */
function entriesOf(root) {
  const entries = new Map();
  for (const folder of ['libs', 'services'].map((name) => path.join(root, name)).filter(existsSync))
    for (const name of readdirSync(folder)) {
      const manifest = path.join(folder, name, 'package.json');
      if (!existsSync(manifest)) continue;
      const { name: specifier, exports = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
      for (const [entry, file] of Object.entries(exports))
        entries.set(path.posix.join(specifier, entry), path.join(folder, name, file));
    }
  return entries;
}

function resolved(specifier, importer, entries) {
  if (specifier.startsWith('.')) return path.resolve(path.dirname(importer), specifier);
  if (entries.has(specifier)) return entries.get(specifier);
  for (const [entry, file] of entries) {
    if (!entry.endsWith('/*') || !specifier.startsWith(entry.slice(0, -1))) continue;
    return file.replace('*', specifier.slice(entry.length - 1));
  }
  return undefined;
}

/** What each source imports of the others. */
function importsIn(root) {
  const entries = entriesOf(root);
  const sources = FOLDERS.map((folder) => path.join(root, folder))
    .filter(existsSync)
    .flatMap(sourcesBelow);
  const known = new Set(sources);
  const importsOf = (source) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(source, 'utf8'), true, true);
    return importedFiles.map(({ fileName }) => resolved(fileName, source, entries)).filter((file) => known.has(file));
  };
  return new Map(sources.map((source) => [source, [...new Set(importsOf(source))]]));
}

/** The shortest way from a file back to itself; undefined where there is none. */
function circleOf(start, imports) {
  const cameFrom = new Map();
  const queue = [start];
  for (let file; (file = queue.shift());) {
    for (const next of imports.get(file)) {
      if (next === start) {
        const circle = [start];
        for (let at = file; at !== undefined; at = cameFrom.get(at)) circle.unshift(at);
        return circle;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}

/** A circle for each file that is in one and in none of those before. */
export function cyclesIn(root) {
  const imports = importsIn(root);
  const [told, circles] = [new Set(), []];
  for (const source of imports.keys()) {
    if (told.has(source)) continue;
    const circle = circleOf(source, imports);
    if (!circle) continue;
    for (const file of circle) told.add(file);
    circles.push(circle.map((file) => path.relative(root, file)));
  }
  return circles;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../..'));
  const circles = cyclesIn(root);
  for (const circle of circles) process.stderr.write(`import cycle: ${circle.join(' -> ')}\n`);
  if (circles.length > 0) process.exitCode = 1;
}
