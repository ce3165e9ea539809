import { runService } from '@hone/rpc';
import { createEvaluatorService } from './server.ts';

await runService('evaluator', createEvaluatorService);
