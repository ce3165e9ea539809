/** A process of the sampler for texts: tokenizers and chat templates come with checkpoints, and may take any time and memory. */
import { endTokenOf } from '@hone/sampling-engine/text';
import { serveWorker } from '@hone/workers';
import { encodePrompts } from './text/encode-prompts.ts';
import { finishText } from './text/finish-text.ts';
import type { EncodeRequest, EndTokenRequest, FinishRequest } from './text/protocol.ts';

serveWorker({
  encode: (request: EncodeRequest) => encodePrompts(request),
  endToken: ({ folder }: EndTokenRequest) => endTokenOf(folder),
  finish: (request: FinishRequest) => finishText(request),
});
