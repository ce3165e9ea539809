import { build } from '../build.mjs';
import { executors } from './batch.mjs';

/** All services at once, for they share files. */
async function faultsIn() {
  await build();
  return new Map();
}

export const { one, all } = executors(faultsIn);
