/** Files of preference pairs, a pair a line, as text or as token ids. */
import { messageOf, packInt32, UploadDatasetRequest, type Dataset } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { callClientStream } from '@hone/rpc';
import { jsonLines, tokenIdsOf, type JsonLine } from './json-lines.ts';
import type { Clients } from './platform.ts';

function textOf(row: JsonLine['row'], name: string, where: string): string {
  const text = row[name];
  if (typeof text === 'string') return text;
  throw invalidArgument(`${where} ${name}`, 'must be text');
}

/** A pair as a group of its own: the file's order of pairs is kept. */
function groupOf({ where, row }: JsonLine, index: number): UploadDatasetRequest {
  const problemId = String(index);
  const pairs = [{ chosen: 0, rejected: 1 }];
  if ('prompt_token_ids' in row) {
    const packed = (name: string): Buffer => packInt32(tokenIdsOf(row, name, where));
    const completions = ['chosen_token_ids', 'rejected_token_ids'].map((name) => ({ tokenIds: packed(name) }));
    const value = { problemId, promptTokenIds: packed('prompt_token_ids'), completions, pairs };
    return messageOf(UploadDatasetRequest, { record: { $case: 'group', value } });
  }
  if (!('prompt' in row)) {
    const rule = 'must have "prompt", "chosen" and "rejected", or "prompt_token_ids" and so on';
    throw invalidArgument(where, rule);
  }
  const completions = ['chosen', 'rejected'].map((name) => ({ text: textOf(row, name, where) }));
  const value = { problemId, promptText: textOf(row, 'prompt', where), completions, pairs };
  return messageOf(UploadDatasetRequest, { record: { $case: 'group', value } });
}

/** Uploads the pairs of a file, in its order. */
export function uploadPairs({ trainer }: Clients, file: string): Promise<Dataset> {
  async function* requests(): AsyncGenerator<UploadDatasetRequest> {
    let index = 0;
    for await (const line of jsonLines(file)) yield groupOf(line, index++);
    if (index === 0) throw invalidArgument('--pairs', `${file} holds no pairs`);
  }
  return callClientStream(trainer, 'uploadDataset', requests());
}
