import { digestOfName, EvaluateRequest, type Evaluation, type RunSpec } from '@hone/contracts';
import { rowsRefOf } from '@hone/datasets';
import type { EvaluateJob, RowsRef } from '@hone/recipes';
import { evaluationSpec } from './messages.ts';
import { runRemotely } from './remote-work.ts';
import { seedOf } from './seeds.ts';
import type { StepContext } from './step-context.ts';

/** The run's problems of a use. */
const problemSetOf = ({ testProblemSet, validationProblemSet }: RunSpec, on: EvaluateJob['on']): string =>
  on === 'test' ? testProblemSet : validationProblemSet;

/** Measures a checkpoint. All iterations vote with the same seed, so that they differ by their checkpoints only. */
export function measure(context: StepContext, { model, on, evaluation }: EvaluateJob): Promise<Evaluation> {
  const { spec: runSpec, services, progress } = context;
  return runRemotely(context, {
    service: 'evaluator',
    work: services.evaluation,
    request: EvaluateRequest.fromPartial({
      checkpoint: model.checkpoint,
      problemSet: problemSetOf(runSpec, on),
      scorer: runSpec.scorer!,
      sampler: runSpec.sampler,
      spec: evaluationSpec(evaluation),
      seed: seedOf(runSpec.seed, 0, 'evaluate'),
    }),
    onMetadata: ({ done, total }) => progress({ done: BigInt(done), total: BigInt(total), unit: 'completions' }),
  });
}

/** What an evaluation stored: one row that tells all of it. */
export const evaluationRows = ({ name }: Evaluation): RowsRef =>
  rowsRefOf('evaluation', { digest: digestOfName('evaluations', name, 'name'), count: 1 });
