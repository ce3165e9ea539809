import { EvaluateMetadata, EvaluateRequest, Evaluation, type EvaluationSpec } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { seedOf } from '../seeds.ts';
import { runOperation } from './operations.ts';
import type { StepContext } from './step-context.ts';

/** An evaluation of a run. */
export interface EvaluationJob {
  /** Names the evaluation within its iteration. */
  readonly key: string;
  readonly checkpoint: string;
  readonly problemSet: string;
  readonly spec: EvaluationSpec;
}

/** Evaluates a checkpoint. All iterations vote with the same seed, so that they differ by their checkpoints only. */
export function evaluate(context: StepContext, job: EvaluationJob): Promise<Evaluation> {
  const { peers, signal, progress, spec: runSpec } = context;
  return runOperation(context, {
    key: job.key,
    service: 'evaluator',
    client: peers.evaluatorOperations,
    response: Evaluation,
    metadata: EvaluateMetadata,
    start: (requestId) => {
      const { checkpoint, problemSet, spec } = job;
      const seed = seedOf(runSpec.seed, 0, 'evaluate');
      const request = { requestId, checkpoint, problemSet, scorer: runSpec.scorer!, spec, seed };
      return callUnary(peers.evaluator, 'evaluate', EvaluateRequest.fromPartial(request), { signal });
    },
    onMetadata: ({ done, total }) => progress({ done: BigInt(done), total: BigInt(total), unit: 'completions' }),
  });
}
