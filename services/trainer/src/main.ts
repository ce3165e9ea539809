import { runService } from '@hone/rpc';
import { createTrainerService } from './server.ts';

await runService('trainer', (options) => createTrainerService(options));
