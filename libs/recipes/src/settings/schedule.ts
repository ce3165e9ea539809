/** Settings that change from an iteration on, such as the paper's higher temperature from its third iteration. */
import type { FieldViolation } from '@hone/errors';
import { LIMITS } from '@hone/limits';
import { findLoss } from '@hone/losses';
import { z } from 'zod';
import { loss, type LossSettings } from './loss.ts';
import { whole } from './numbers.ts';
import { temperature, type SampleSettings } from './sampling.ts';
import { learningRate, type PreferenceTraining } from './training.ts';
import type { RuleSettings } from './rule.ts';

export const schedule = z
  .array(
    z.strictObject({
      from_iteration: whole(1, LIMITS.iterations).describe('First iteration that has the change.'),
      temperature: temperature.optional().describe('In place of sampling.temperature.'),
      samples_per_problem: whole(2, LIMITS.samplesPerProblem).optional().describe('In place of samples_per_problem.'),
      pairs_per_problem: whole(1, LIMITS.pairsPerProblem).optional().describe('In place of pairs.per_problem.'),
      learning_rate: learningRate.optional().describe('In place of training.learning_rate.'),
      loss: loss.optional().describe('In place of the loss keys of training.'),
    }),
  )
  .max(LIMITS.iterations);
export type Schedule = z.output<typeof schedule>;

/** Settings that a schedule can change. */
export interface Scheduled extends SampleSettings {
  readonly schedule: Schedule;
  readonly pairs: RuleSettings;
  readonly training: PreferenceTraining;
}

/** A training with another loss, of whose own settings none is left. */
function withLoss(training: PreferenceTraining, change: LossSettings | undefined): PreferenceTraining {
  if (!change) return training;
  const before = findLoss(training.preference);
  const kept = Object.entries(training).filter(([key]) => !(before && key in before.settings.shape));
  return { ...(Object.fromEntries(kept) as PreferenceTraining), ...change };
}

/** The settings as they hold in an iteration: every change up to it is made. */
export function settingsAt<Settings extends Scheduled>(settings: Settings, iteration: number): Settings {
  return settings.schedule
    .filter(({ from_iteration }) => from_iteration <= iteration)
    .reduce<Settings>((before, change) => {
      const { temperature: heat, samples_per_problem: samples, pairs_per_problem: pairs, learning_rate: rate } = change;
      return {
        ...before,
        samples_per_problem: samples ?? before.samples_per_problem,
        sampling: { ...before.sampling, temperature: heat ?? before.sampling.temperature },
        pairs: pairs === undefined ? before.pairs : { ...before.pairs, per_problem: pairs },
        training: { ...withLoss(before.training, change.loss), learning_rate: rate ?? before.training.learning_rate },
      };
    }, settings);
}

/** Changes must rise, and lie within the run. */
export function checkSchedule(changes: Schedule, iterations: number) {
  return changes.flatMap(({ from_iteration: from }, index) => {
    const rises = from > (changes[index - 1]?.from_iteration ?? 0) && from <= iterations;
    const description = `must rise, from 1 to the run's ${iterations} iterations, but is ${from}`;
    return rises ? [] : [{ field: `schedule[${index}].from_iteration`, description }];
  });
}

/** Changes of pairs a problem, where the rule has no such setting; its settings are those that it is applied with, defaults filled in. */
export function checkScheduledPairs(effective: Partial<Pick<Scheduled, 'schedule' | 'pairs'>>): FieldViolation[] {
  const { schedule: changes = [], pairs } = effective;
  if (!pairs || 'per_problem' in pairs) return [];
  const description = `must not be set: rule ${pairs.rule} has no setting per_problem`;
  return changes.flatMap(({ pairs_per_problem: changed }, index) =>
    changed === undefined ? [] : [{ field: `schedule[${index}].pairs_per_problem`, description }],
  );
}
