/** A process of the sampler for texts: tokenizers and chat templates come with checkpoints, and may take any time and memory. */
import { serveWorker } from '@hone/workers';
import { encodePrompts } from './encode-prompts.ts';
import type { EncodeRequest } from './worker-api.ts';

serveWorker({ encode: (request: EncodeRequest) => encodePrompts(request) });
