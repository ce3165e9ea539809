/** Rules between the keys of recipes. */
import type { FieldViolation } from '@hone/errors';
import { findLoss } from '@hone/losses';
import { checkCurriculum, type CurriculumSettings } from './curriculum.ts';
import type { EvaluationSettings } from './evaluation.ts';
import type { RuleSettings } from './rule.ts';
import { checkSchedule, type Schedule } from './schedule.ts';
import type { SelectSettings } from './select.ts';
import type { TrainingSettings } from './training.ts';

/** Keys between which rules hold; a recipe has those that it needs. */
interface LoopSettings {
  readonly iterations?: number;
  readonly samples_per_problem?: number;
  readonly evaluation: EvaluationSettings;
  readonly select?: SelectSettings | undefined;
  readonly training: TrainingSettings;
  readonly pairs?: RuleSettings | undefined;
  readonly schedule?: Schedule | undefined;
  readonly curriculum?: CurriculumSettings | undefined;
}

/** Every broken rule, by the path of its key. */
export function checkLoop(settings: LoopSettings): FieldViolation[] {
  const { evaluation, select, schedule = [], iterations = 1 } = settings;
  return [
    ...checkMeasured(evaluation),
    ...(select ? checkMetric(select, evaluation) : []),
    ...checkSchedule(schedule, iterations),
    ...checkWatch(settings),
    ...checkPairs(settings),
    ...checkCurriculum(settings.curriculum),
  ];
}

/** Whether the chosen fall is told against the reference, which some losses have none of. */
function checkWatch({ training, schedule = [] }: LoopSettings): FieldViolation[] {
  if (!('preference' in training) || !training.stop_when_chosen_falls) return [];
  const losses = [training, ...schedule.flatMap(({ loss }) => loss ?? [])];
  const without = losses.map(({ preference }) => findLoss(preference)).find((loss) => loss && !loss.needs.reference);
  if (!without) return [];
  const description = `must be false for preference ${without.name}, which has no reference to compare with`;
  return [{ field: 'training.stop_when_chosen_falls', description }];
}

function checkMeasured({ greedy, majority_k }: EvaluationSettings): FieldViolation[] {
  if (greedy || majority_k > 0) return [];
  return [{ field: 'evaluation', description: 'must ask for greedy accuracy, majority voting or both' }];
}

function checkMetric({ metric }: SelectSettings, { greedy, majority_k }: EvaluationSettings): FieldViolation[] {
  if (metric === 'greedy' ? greedy : majority_k > 0) return [];
  return [{ field: 'select.metric', description: `must be a figure that the evaluation asks for, but is ${metric}` }];
}

/** N completions make the most pairs where half of them are right: so many combinations of a winner and a loser. */
export const mostPairs = (samples: number): number => Math.floor(samples / 2) * Math.ceil(samples / 2);

/** Pairs a problem (K) against samples a problem (N), as they are at first and behind each scheduled change. */
function checkPairs({ samples_per_problem = 0, pairs, schedule = [] }: LoopSettings): FieldViolation[] {
  const asked = pairs?.['per_problem'];
  let [n, k] = [samples_per_problem, typeof asked === 'number' ? asked : 0];
  const found = fits(n, k, 'pairs.per_problem');
  for (const [index, change] of schedule.entries()) {
    if (change.samples_per_problem === undefined && change.pairs_per_problem === undefined) continue;
    [n, k] = [change.samples_per_problem ?? n, change.pairs_per_problem ?? k];
    const field = change.pairs_per_problem === undefined ? 'samples_per_problem' : 'pairs_per_problem';
    found.push(...fits(n, k, `schedule[${index}].${field}`));
  }
  return found;
}

function fits(samples: number, pairs: number, field: string): FieldViolation[] {
  if (pairs <= mostPairs(samples)) return [];
  const description = `${samples} samples of a problem make at most ${mostPairs(samples)} pairs, but ${pairs} are asked for`;
  return [{ field, description }];
}
