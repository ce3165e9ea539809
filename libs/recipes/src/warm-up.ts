/** M_0: the base, fine-tuned on demonstrations stage by stage, each as often as its target accuracy asks. */
import { failedPrecondition, type HoneError } from '@hone/errors';
import type { Steps } from './loop.ts';
import type { Model } from './rows.ts';
import { evaluation as evaluationSchema, type EvaluationSettings } from './settings/evaluation.ts';
import type { WarmUpStage } from './settings/warm-up.ts';

/** What a warm-up needs of a recipe's settings. */
export interface WarmUpSettings {
  readonly warm_up: readonly WarmUpStage[];
  readonly evaluation: EvaluationSettings;
}

/** Makes M_0 from the base. */
export async function warmUp(
  step: Steps,
  base: Model,
  { warm_up: stages, evaluation }: WarmUpSettings,
): Promise<Model> {
  const { max_tokens } = evaluation;
  const measure = evaluationSchema.parse({ greedy: true, max_tokens });
  let model = base;
  for (const [index, stage] of stages.entries()) {
    const context = { index, stages: stages.length, measure };
    model = await finishStage(step, model, stage, context);
  }
  return model;
}

interface StageContext {
  readonly index: number;
  readonly stages: number;
  readonly measure: EvaluationSettings;
}

/** Repeats a stage, each time from where the last one ended, until it is good enough. */
async function finishStage(step: Steps, start: Model, stage: WarmUpStage, context: StageContext): Promise<Model> {
  const { dataset, training, target_accuracy: target } = stage;
  const rounds = Math.max(1, stage.max_rounds);
  let model = start;
  let reached = 0;
  for (let round = 1; round <= rounds; round++) {
    const name = `stage-${context.index}/round-${round}`;
    const part = `stage ${context.index + 1} of ${context.stages}, round ${round} of ${rounds}`;
    model = await step.train({ start: model, dataset, training }, { name, part });
    if (target === 0) return model;
    const job = { model, on: 'validation', evaluation: context.measure } as const;
    const measured = await step.evaluate(job, { name: `${name}/measured`, part: `${part}, measured` });
    reached = measured.greedy ?? 0;
    if (reached >= target) return model;
  }
  throw targetMissed(context.index, target, reached, rounds);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function targetMissed(index: number, target: number, reached: number, rounds: number): HoneError {
  return failedPrecondition(
    'WARM_UP_TARGET_MISSED',
    `warm_up[${index}]: greedy accuracy on the validation problems is ${percent(reached)} after ${rounds} round(s), below the target of ` +
      `${percent(target)}: raise max_rounds, epochs or max_steps, or lower target_accuracy, in a new run`,
  );
}
