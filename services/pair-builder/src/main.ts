import { runService } from '@hone/rpc';
import { createPairBuilderService } from './server.ts';

await runService('pair-builder', createPairBuilderService);
