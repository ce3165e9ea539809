import { runService } from '@hone/rpc';
import { createSamplerService } from './server.ts';

await runService('sampler', createSamplerService);
