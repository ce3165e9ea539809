import type { Steps } from './loop.ts';
import type { Model } from './rows.ts';
import type { EvaluationSettings } from './settings/evaluation.ts';
import type { SelectSettings } from './settings/select.ts';

/** What ends an iteration. */
export interface ConcludeSettings {
  readonly select?: SelectSettings | undefined;
  readonly evaluation: EvaluationSettings;
  readonly sampling: { readonly stop: readonly string[] };
}

/** Chooses among the checkpoints so far where that is asked, measures the model, and ends the iteration. True where the run should go on. */
export async function conclude(step: Steps, model: Model, settings: ConcludeSettings): Promise<boolean> {
  const evaluation = { ...settings.evaluation, stop: settings.sampling.stop };
  const choice = settings.select && (await step.select(model, settings.select, evaluation));
  await step.evaluate({ model, on: 'test', evaluation });
  await step.publish(model);
  return choice?.stop === undefined;
}
