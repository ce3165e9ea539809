/**
 * Nx's targets, for every package the same ones: build, lint, typecheck, test. What each reads stands here, so that its result may be
 * taken from the cache where none of it has changed.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const LOCK = '{workspaceRoot}/package-lock.json';
const NX = '{workspaceRoot}/scripts/nx/**/*';
/** Contracts and the lists of registries are generated before anything is read. */
const GENERATED = { projects: ['@hone/contracts'], target: 'build' };
const executor = (name) => `./scripts/nx:${name}`;

/** What a package's dependents see of it. */
const PRODUCTION = ['{projectRoot}/**/*', '!{projectRoot}/**/*.test.ts', '!{projectRoot}/**/*.md'];
/** Of the contracts that is what they are generated from. */
const CONTRACTS = ['{workspaceRoot}/protos/**/*', '{workspaceRoot}/buf*.yaml', '{workspaceRoot}/scripts/generate.mjs'];

const lint = {
  executor: executor('lint'),
  cache: true,
  // Of what it imports lint reads the layer alone.
  inputs: ['sources', '^manifest', 'lintRules', LOCK, NX],
  outputs: [],
  dependsOn: [GENERATED],
};

const typecheck = {
  executor: executor('typecheck'),
  cache: true,
  inputs: ['sources', '^production', '{workspaceRoot}/tsconfig*.json', LOCK, NX],
  outputs: [],
  dependsOn: [GENERATED],
};

const test = (folder, dependsOn, inputs = []) => ({
  executor: executor('test'),
  cache: true,
  inputs: [
    'sources',
    '^production',
    'testData',
    { env: 'HONE_REFERENCE_DATA' },
    // Tests that need reference data are skipped without it.
    { runtime: 'ls "${HONE_REFERENCE_DATA:-../shared}" 2>/dev/null || true' },
    { env: 'HONE_PYTHON' },
    ...['{workspaceRoot}/vitest.config.ts', '{workspaceRoot}/tsconfig*.json', LOCK, NX],
    ...inputs,
  ],
  outputs: [`{workspaceRoot}/dist/test-results/${folder.replaceAll('/', '-')}.json`],
  dependsOn: [GENERATED, ...dependsOn],
});

/**
 * Bundled services, all by one script, which does nothing where nothing has changed; of libs their sources are bundled, so that they have
 * nothing to build.
 */
const bundle = { executor: executor('build'), dependsOn: [GENERATED] };
const generate = { executor: 'nx:run-commands', options: { command: 'node scripts/generate.mjs' } };
const nothing = { executor: 'nx:noop', dependsOn: [GENERATED] };

function contracts() {
  return {
    namedInputs: { production: [...PRODUCTION, ...CONTRACTS], sources: ['{projectRoot}/**/*', ...CONTRACTS] },
    targets: { build: generate },
  };
}

/** Tests across services run what is built of all of them, and read what is beside the packages. */
function acrossServices(roles) {
  const services = roles.map((role) => `@hone/${role}`);
  return {
    implicitDependencies: services,
    targets: { build: nothing },
    tests: [{ projects: services, target: 'build' }],
    reads: ['protos', 'scripts', 'docs', 'bin'].map((folder) => `{workspaceRoot}/${folder}/**/*`),
  };
}

function projectOf(folder, roles) {
  const [group] = folder.split('/');
  if (folder === 'libs/contracts') return contracts();
  if (group === 'services') return { targets: { build: bundle }, tests: ['build'] };
  return folder === 'test' ? acrossServices(roles) : { targets: { build: nothing } };
}

function createNodes(manifests, _options, { workspaceRoot }) {
  const roles = manifests
    .filter((file) => file.startsWith('services/'))
    .map((file) => file.split('/')[1])
    .sort();
  return manifests.map((manifest) => {
    const folder = path.posix.dirname(manifest);
    if (folder === '.') return [manifest, { projects: { '.': { name: 'hone', targets: { lint, typecheck } } } }];
    const { name } = JSON.parse(readFileSync(path.join(workspaceRoot, manifest), 'utf8'));
    const { targets, tests = [], reads, ...project } = projectOf(folder, roles);
    const all = { lint, typecheck, test: test(folder, tests, reads), ...targets };
    return [manifest, { projects: { [folder]: { name, ...project, targets: all } } }];
  });
}

export default {
  name: 'hone-targets',
  createNodes: ['{package.json,{libs,services}/*/package.json,test/package.json}', createNodes],
};
