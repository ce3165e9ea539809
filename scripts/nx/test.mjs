import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { byProject, executors, root } from './batch.mjs';

const VITEST = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const RESULTS = path.join(root, 'dist/test-results');

/** Vitest over the tests below these folders; its own report is shown while it runs. */
function run(folders) {
  const temporary = mkdtempSync(path.join(tmpdir(), 'hone-test-'));
  const report = path.join(temporary, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const filters = folders.map((folder) => `${path.join(root, folder)}${path.sep}`);
  try {
    const args = [VITEST, 'run', '--passWithNoTests', ...reporters, ...filters];
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
    return { status, ...JSON.parse(readFileSync(report, 'utf8')) };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A test file that cannot even load has no failed test in it, but must not pass. */
function countsOf({ status, assertionResults }) {
  const count = (...states) => assertionResults.filter((result) => states.includes(result.status)).length;
  const failed = count('failed');
  return {
    passed: count('passed'),
    failed: status === 'failed' ? Math.max(failed, 1) : failed,
    skipped: count('pending', 'skipped', 'todo', 'disabled'),
  };
}

function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const one of counts) for (const key of Object.keys(total)) total[key] += one[key];
  return total;
}

/** Beside what is wrong, leaves the counts of each project: they are in the cache with its result. */
function faultsIn(folders) {
  const { status, testResults } = run(folders);
  const files = testResults.map((result) => ({ file: result.name, text: { file: result.name, ...countsOf(result) } }));
  mkdirSync(RESULTS, { recursive: true });
  const faults = new Map();
  for (const [folder, results] of byProject(folders, files)) {
    const counts = sum(results);
    writeFileSync(path.join(RESULTS, `${folder.replaceAll('/', '-')}.json`), JSON.stringify(counts));
    const failing = results.filter(({ failed }) => failed > 0);
    faults.set(
      folder,
      failing.map(({ file, failed }) => `${path.relative(root, file)}: ${failed} failed`),
    );
  }
  // An error outside of every test, such as a rejection that nobody handles, is nobody's: no project has passed.
  const blamed = [...faults.values()].flat().length > 0;
  if (status !== 0 && !blamed) for (const found of faults.values()) found.push('vitest failed outside of the tests');
  return faults;
}

export const { one, all } = executors(faultsIn);
