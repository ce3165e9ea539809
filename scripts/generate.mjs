/**
 * Makes libs/contracts/src/generated from protos/: TypeScript by ts-proto, and the descriptor set for server reflection. Does nothing where
 * the inputs have not changed since the last time. And lists what registries find: a file in one of their folders is all that it takes.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const target = path.join(root, 'libs/contracts/src/generated');
const require = createRequire(import.meta.url);

/** All files below a folder, sorted. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function inputsDigest() {
  const hash = createHash('sha256');
  const inputs = [
    ...filesBelow(path.join(root, 'protos')),
    path.join(root, 'buf.yaml'),
    path.join(root, 'buf.gen.yaml'),
    path.join(root, 'package-lock.json'),
    fileURLToPath(import.meta.url),
  ];
  for (const file of inputs)
    hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

const buf = (...args) =>
  execFileSync(process.execPath, [require.resolve('@bufbuild/buf/bin/buf'), ...args], { cwd: root, stdio: 'inherit' });

/** What reflection tells of: our contracts, what their errors are made of, and health. */
const DESCRIBED = [
  'protos/hone',
  'node_modules/google-proto-files/google/rpc/error_details.proto',
  'node_modules/grpc-health-check/proto/health/v1/health.proto',
];

/** One barrel over all contracts: message names are unique across them, and the compiler says so if that ever breaks. */
function barrelSource() {
  const files = filesBelow(path.join(target, 'hone')).map((file) =>
    path.relative(target, file).split(path.sep).join('/'),
  );
  return files.map((file) => `export * from './${file}';\n`).join('');
}

/**
 * Folders in which every file is a recipe, a rule, a loss, a model family, a decoder, a scorer or a benchmark, or every folder an engine,
 * and exports nothing else.
 */
const REGISTRIES = [
  'libs/recipes/src/recipes',
  'libs/rules/src/rules',
  'libs/losses/src/losses',
  'libs/checkpoint/src/families',
  'libs/models/src/decoders',
  'libs/grading/src/scorers',
  'libs/benchmarks/src/suites',
  'libs/sampling-engine/src/engines',
  'libs/training-engine/src/engines',
];

/** What a folder holds: its files, and the index of each of its folders. */
function entriesOf(folder) {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  const isEntry = ({ name }) => name.endsWith('.ts') && !name.endsWith('.test.ts');
  const hasIndex = ({ name }) => existsSync(path.join(root, folder, name, 'index.ts'));
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return hasIndex(entry) ? [`${entry.name}/index.ts`] : [];
    return isEntry(entry) ? [entry.name] : [];
  });
}

/** One barrel over them, beside the folder; written where it changes only, so that nothing is built again for nothing. */
function listFolder(folder) {
  const files = entriesOf(folder);
  const name = path.basename(folder);
  const lines = files.sort().map((file) => `export * from '../${name}/${file}';\n`);
  const listed = path.join(root, path.dirname(folder), 'generated', `${name}.ts`);
  const source = `/** All that is in ${name}/. */\n${lines.join('')}`;
  if (existsSync(listed) && readFileSync(listed, 'utf8') === source) return;
  mkdirSync(path.dirname(listed), { recursive: true });
  writeFileSync(`${listed}.tmp`, source);
  renameSync(`${listed}.tmp`, listed);
}

export function generate() {
  for (const folder of REGISTRIES) listFolder(folder);
  const stamp = path.join(target, '.digest');
  const digest = inputsDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return false;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  buf('generate');
  const descriptors = path.join(target, 'descriptors.binpb');
  const described = DESCRIBED.flatMap((file) => ['--path', file]);
  buf('build', '-o', descriptors, ...described, '--exclude-source-info');
  const encoded = readFileSync(descriptors).toString('base64');
  writeFileSync(
    path.join(target, 'descriptors.ts'),
    `/** google.protobuf.FileDescriptorSet of all contracts, base64. */\nexport const DESCRIPTOR_SET = '${encoded}';\n`,
  );
  rmSync(descriptors);
  writeFileSync(path.join(target, 'contracts.ts'), barrelSource());
  writeFileSync(`${stamp}.tmp`, digest);
  renameSync(`${stamp}.tmp`, stamp);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generate();
