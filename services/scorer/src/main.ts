import { runService } from '@hone/rpc';
import { createScorerService } from './server.ts';

await runService('scorer', (options) => createScorerService(options));
