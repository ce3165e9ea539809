/**
 * All checks, in the order in which they fail fastest: contracts, lint, format, types, then the tests on a fresh build.
 * Ends with a line "N passed, N failed"; each check before the tests counts as one.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

// Nx without a background process and without any call home.
const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };

/** The script behind a package's command, so that no shell or npx stands between. */
function command(name, bin = name) {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin: bins } = require(manifest);
  return path.join(path.dirname(manifest), typeof bins === 'string' ? bins : bins[bin]);
}

function run(title, script, args) {
  process.stdout.write(`\n== ${title}\n`);
  const started = Date.now();
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit', env });
  process.stdout.write(
    `== ${title}: ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
  );
  return status === 0;
}

await build();
// The lint rule on module boundaries reads the project graph that this leaves in Nx's cache.
spawnSync(process.execPath, [command('nx'), 'show', 'projects'], { cwd: root, stdio: 'ignore', env });
const checks = [
  run('contracts (buf lint)', command('@bufbuild/buf', 'buf'), ['lint']),
  run('contracts against the last release (buf breaking)', path.join(root, 'scripts/checks/breaking.mjs'), []),
  run('imports without cycles', path.join(root, 'scripts/checks/cycles.mjs'), []),
  run('lint (eslint, module boundaries)', command('eslint'), ['.', '--max-warnings', '0']),
  run('format (prettier)', command('prettier'), ['--check', '--log-level', 'warn', '.']),
  run('reference page (npm run docs)', path.join(root, 'scripts/docs.mjs'), ['--check']),
  run('types (tsc)', command('typescript', 'tsc'), ['-p', 'tsconfig.json']),
];
const folder = mkdtempSync(path.join(tmpdir(), 'hone-test-'));
const report = path.join(folder, 'report.json');
const testsPassed = run('tests (vitest)', command('vitest'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const results = JSON.parse(readFileSync(report, 'utf8'));
rmSync(folder, { recursive: true, force: true });
const passed = checks.filter(Boolean).length + results.numPassedTests;
// A test file that cannot even load has no failed test in it, but must not pass.
const failed = checks.filter((check) => !check).length + Math.max(results.numFailedTests, testsPassed ? 0 : 1);
if (results.numPendingTests > 0)
  process.stdout.write(`${results.numPendingTests} skipped (see their messages above)\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
