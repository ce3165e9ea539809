/**
 * Bundles every process of Hone into dist/: services/<role>/src/{main,worker,text-worker}.ts -> dist/<role>/, and the workers of
 * engines, libs/<kind>-engine/src/engines/<name>/worker.ts -> dist/<role>/engines/<name>/. Hone's own packages are bundled, those of
 * npm stay outside. Does nothing where the sources have not changed since the last time. Takes names of services (default: all).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from './generate.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');

/** TypeScript sources of a package, tests left out. */
function sourcesOf(folder) {
  const src = path.join(root, folder, 'src');
  if (!existsSync(src)) return [];
  return readdirSync(src, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => path.join(src, file));
}

/** What a service is built of: its own sources and those of all libs. */
function digestOf(role) {
  const libs = readdirSync(path.join(root, 'libs')).flatMap((name) => sourcesOf(`libs/${name}`));
  const files = [...libs, ...sourcesOf(`services/${role}`)].sort();
  const hash = createHash('sha256');
  for (const file of [...files, path.join(root, 'package-lock.json'), fileURLToPath(import.meta.url)]) {
    hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Services that have engines. */
const ENGINES = { sampler: 'sampling-engine', trainer: 'training-engine' };

/** The worker of each engine that has one. */
function engineWorkers() {
  return Object.entries(ENGINES).flatMap(([role, lib]) => {
    const folder = path.join(root, 'libs', lib, 'src', 'engines');
    return readdirSync(folder)
      .map((name) => [`${role}/engines/${name}/worker`, path.join(folder, name, 'worker.ts')])
      .filter(([, file]) => existsSync(file));
  });
}

function entryPoints() {
  const entries = Object.fromEntries(engineWorkers());
  for (const role of readdirSync(path.join(root, 'services'))) {
    for (const name of ['main', 'worker', 'text-worker']) {
      const file = path.join(root, 'services', role, 'src', `${name}.ts`);
      if (existsSync(file)) entries[`${role}/${name}`] = file;
    }
  }
  return entries;
}

/**
 * Leaves npm packages outside the bundle: some of them read files that lie beside them. tfjs-core comes in, because Node cannot
 * load the ECMAScript modules that hold its gradients; so does a package that npm installed beside one of Hone's own, because
 * from dist/ Node would find another version of it.
 */
const inside = (specifier) => specifier.startsWith('@hone/') || specifier.startsWith('@tensorflow/tfjs-core');
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const workspaceOf = (folder) => path.join(root, ...path.relative(root, folder).split(path.sep, 2));
const isInstalledBeside = (specifier, folder) =>
  existsSync(path.join(workspaceOf(folder), 'node_modules', packageOf(specifier)));
const npmPackagesOutside = {
  name: 'npm-packages-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path: specifier, kind, resolveDir }) =>
      kind === 'entry-point' || inside(specifier) || isInstalledBeside(specifier, resolveDir)
        ? undefined
        : { path: specifier, external: true },
    );
  },
};

/** Bundles entry points, by the name of their output, into a folder below the packages that stay outside. */
export async function bundle(entryPoints, outdir) {
  const { build: esbuild } = await import('esbuild');
  await esbuild({
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
    plugins: [npmPackagesOutside],
    // tfjs-core asks for Node's own modules with require, which ECMAScript modules lack.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    define: { 'process.env.HONE_VERSION': JSON.stringify(readVersion()) },
  });
}

const ROLES = readdirSync(path.join(root, 'services')).sort();

/** Builds those of the services that are not built of the sources as they are; whether there was any. */
export async function build(roles = ROLES) {
  generate();
  const digests = new Map(roles.map((role) => [role, digestOf(role)]));
  const stamp = (folder, role) => path.join(folder, role, '.digest');
  const isBuilt = (role) =>
    existsSync(stamp(dist, role)) && readFileSync(stamp(dist, role), 'utf8') === digests.get(role);
  const stale = roles.filter((role) => !isBuilt(role));
  if (stale.length === 0) return false;
  // Built beside and renamed, so that a process that starts meanwhile finds the old or the new, never a half.
  const fresh = `${dist}.${process.pid}`;
  const entries = Object.entries(entryPoints()).filter(([entry]) => stale.includes(entry.split('/')[0]));
  await bundle(Object.fromEntries(entries), fresh);
  mkdirSync(dist, { recursive: true });
  for (const role of stale) {
    writeFileSync(stamp(fresh, role), digests.get(role));
    rmSync(path.join(dist, role), { recursive: true, force: true });
    renameSync(path.join(fresh, role), path.join(dist, role));
  }
  rmSync(fresh, { recursive: true });
  return true;
}

function readVersion() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

// Without await at the top level, so that Nx can require this module.
if (process.argv[1] === fileURLToPath(import.meta.url))
  void build(process.argv.length > 2 ? process.argv.slice(2) : ROLES);
