import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ESLint } from 'eslint';
import { byProject, executors, root } from './batch.mjs';

const PRETTIER = path.join(
  path.dirname(createRequire(import.meta.url).resolve('prettier/package.json')),
  'bin/prettier.cjs',
);
/** What is in the root beside its own project: packages, and what is not in the repository. */
const OTHERS = new Set(['libs', 'services', 'test', 'node_modules', 'dist', '.git', '.nx', '.hone', 'coverage']);

const pathsOf = (folder) => (folder === '.' ? readdirSync(root).filter((name) => !OTHERS.has(name)) : [folder]);

async function lintFaults(paths) {
  const eslint = new ESLint({ cwd: root, errorOnUnmatchedPattern: false, warnIgnored: false });
  const formatter = await eslint.loadFormatter('stylish');
  const found = (await eslint.lintFiles(paths)).filter(({ messages }) => messages.length > 0);
  return Promise.all(found.map(async (result) => ({ file: result.filePath, text: await formatter.format([result]) })));
}

/** In a process of its own, beside ESLint. */
function formatFaults(paths) {
  const args = [PRETTIER, '--list-different', '--ignore-unknown', '--no-error-on-unmatched-pattern', ...paths];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: root, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error && error.code !== 1) return reject(new Error(stderr || error.message));
      const files = stdout.split('\n').filter((line) => line !== '');
      resolve(files.map((file) => ({ file, text: `${file}: is not formatted (npm run format)` })));
    });
  });
}

async function faultsIn(folders) {
  const paths = folders.flatMap(pathsOf);
  return byProject(folders, (await Promise.all([formatFaults(paths), lintFaults(paths)])).flat());
}

export const { one, all } = executors(faultsIn);
