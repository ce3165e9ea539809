import { readFile, stat } from 'node:fs/promises';
import { dataLoss, notFound } from '@hone/errors';

/** An index of the largest model that is read has a tenth of it. */
const MOST_BYTES = 2 ** 24;

/** Reads a JSON file that must hold an object: `NOT_FOUND` where it is missing, `DATA_LOSS` where it is no such thing. */
export async function readJsonObject(file: string): Promise<Record<string, unknown>> {
  const text = await readText(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw notFound(file, 'a model folder holds config.json, model.safetensors and tokenizer.json');
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw dataLoss(file, `is not JSON (${(error as Error).message})`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw dataLoss(file, 'must hold a JSON object');
  }
  return value as Record<string, unknown>;
}

async function readText(file: string): Promise<string> {
  const found = await stat(file);
  if (!found.isFile()) throw dataLoss(file, 'is not a file');
  if (found.size > MOST_BYTES) throw dataLoss(file, `is ${found.size} bytes long, more than ${MOST_BYTES}`);
  return readFile(file, 'utf8');
}
