/**
 * All checks, in the order in which they fail fastest: contracts, imports, pages, lint and format, types, then the tests on a fresh build.
 * What is checked of each package is a target of Nx, whose result is taken from its cache where nothing that it reads has changed.
 * Ends with a line "N passed, N failed"; each check before the tests counts as one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const results = path.join(root, 'dist/test-results');

/** The script behind a package's command, so that no shell or npx stands between. */
function command(name, bin = name) {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin: bins } = require(manifest);
  return path.join(path.dirname(manifest), typeof bins === 'string' ? bins : bins[bin]);
}

function run(title, script, args = []) {
  process.stdout.write(`\n== ${title}\n`);
  const started = Date.now();
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  process.stdout.write(
    `== ${title}: ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
  );
  return status === 0;
}

const script = (name) => path.join(root, 'scripts', name);
const targets = (title, ...names) => run(title, command('nx'), ['run-many', '-t', ...names, '--output-style=static']);

/** What the tests of all packages left: how many passed, failed, and were skipped. */
function counts() {
  const files = existsSync(results) ? readdirSync(results) : [];
  const found = files.map((file) => JSON.parse(readFileSync(path.join(results, file), 'utf8')));
  const sum = (key) => found.reduce((total, count) => total + count[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

rmSync(results, { recursive: true, force: true });
await build();
const checks = [
  run('contracts (buf lint)', command('@bufbuild/buf', 'buf'), ['lint']),
  run('contracts against the last release (buf breaking)', script('checks/breaking.mjs')),
  run('imports without cycles', script('checks/cycles.mjs')),
  run('reference pages (npm run docs)', script('docs.mjs'), ['--check']),
  targets('lint (eslint with layers, prettier) and types (tsc)', 'lint', 'typecheck'),
];
const testsPassed = targets('tests (vitest)', 'test');
const tests = counts();
const passed = checks.filter(Boolean).length + tests.passed;
const failed = checks.filter((check) => !check).length + Math.max(tests.failed, testsPassed ? 0 : 1);
if (tests.skipped > 0) process.stdout.write(`${tests.skipped} skipped (see their messages above)\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
