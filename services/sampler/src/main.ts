import { runService } from '@hone/rpc';
import { createSamplerService } from './server.ts';

await runService('sampler', (options) => createSamplerService(options));
