/** Files of preference pairs or of labelled completions, one a line, as text, as conversations or as token ids. */
import { UploadDatasetRequest, type Dataset } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { callClientStream } from '@hone/rpc';
import { jsonLines, requireFits } from './json-lines.ts';
import { pairRequest } from './pair-lines.ts';
import type { Clients } from '../platform/platform.ts';

/** Uploads what a file holds, in its order. */
export function uploadPairs({ uploads }: Clients, file: string): Promise<Dataset> {
  async function* requests(): AsyncGenerator<UploadDatasetRequest> {
    let count = 0;
    for await (const line of jsonLines(file)) {
      const request = pairRequest(line);
      requireFits(line, UploadDatasetRequest.encode(request).finish().length);
      count += 1;
      yield request;
    }
    if (count === 0) throw invalidArgument('--pairs', `${file} holds no pairs`);
  }
  return callClientStream(uploads, 'uploadDataset', requests());
}
