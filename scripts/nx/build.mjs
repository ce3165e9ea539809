import path from 'node:path';
import { build } from '../build.mjs';
import { executors } from './batch.mjs';

async function faultsIn(folders) {
  await build(folders.map((folder) => path.basename(folder)));
  return new Map();
}

export const { one, all } = executors(faultsIn);
