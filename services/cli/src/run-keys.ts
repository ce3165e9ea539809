/** Keys of a run file that say how the run goes, beside what it does: choice of checkpoints, schedule, budget, retries. */
import { Phase, SelectionMetric, type PartialMessage, type RunSpec } from '@hone/contracts';
import { z } from 'zod';
import { loss, lossSpec } from './loss-fields.ts';

export const METRICS = {
  greedy: SelectionMetric.GREEDY_ACCURACY,
  majority: SelectionMetric.MAJORITY_ACCURACY,
} as const;
export const PHASES = {
  'warm-up': Phase.WARM_UP,
  sample: Phase.SAMPLE,
  score: Phase.SCORE,
  pair: Phase.PAIR,
  train: Phase.TRAIN,
  evaluate: Phase.EVALUATE,
  select: Phase.SELECT,
} as const;

const count = z.number().int().min(1);
const limit = z.number().int().min(0).default(0);
const namesOf = <Name extends string>(names: Readonly<Record<Name, unknown>>): [Name, ...Name[]] =>
  Object.keys(names) as [Name, ...Name[]];

/** The keys. Ranges that depend on other fields are the orchestrator's to check. */
export const runKeys = {
  /** How the best checkpoint is chosen on the validation problems, and when to stop. */
  select: z
    .strictObject({
      metric: z.enum(namesOf(METRICS)).default('greedy'),
      patience: limit,
      min_improvement: z.number().min(0).lt(1).default(0),
    })
    .optional(),
  /** What changes from an iteration on. */
  schedule: z
    .array(
      z.strictObject({
        from_iteration: count,
        temperature: z.number().gt(0).optional(),
        samples_per_problem: z.number().int().min(2).optional(),
        pairs_per_problem: count.optional(),
        learning_rate: z.number().gt(0).optional(),
        loss: loss.optional(),
      }),
    )
    .default([]),
  /** What the run may use up; 0 is no limit. */
  budget: z.strictObject({ tokens: limit, seconds: z.number().min(0).default(0), disk_bytes: limit }).optional(),
  /** Tries and deadlines of phases. */
  policies: z
    .array(
      z.strictObject({
        phase: z.enum(namesOf(PHASES)),
        max_attempts: limit,
        deadline_seconds: z.number().min(0).default(0),
      }),
    )
    .default([]),
  problems_per_shard: limit,
};

/** The part of the spec that these keys state. */
export function runKeysSpec(keys: z.infer<z.ZodObject<typeof runKeys>>): PartialMessage<RunSpec> {
  const { select, budget } = keys;
  return {
    ...(select && {
      selection: {
        metric: METRICS[select.metric],
        patience: select.patience,
        minImprovement: select.min_improvement,
      },
    }),
    schedule: keys.schedule.map((change) => ({
      fromIteration: change.from_iteration,
      temperature: change.temperature,
      samplesPerProblem: change.samples_per_problem,
      pairsPerProblem: change.pairs_per_problem,
      learningRate: change.learning_rate,
      ...(change.loss && { loss: lossSpec(change.loss) }),
    })),
    ...(budget && {
      budget: { tokens: BigInt(budget.tokens), seconds: budget.seconds, diskBytes: BigInt(budget.disk_bytes) },
    }),
    policies: keys.policies.map((policy) => ({
      phase: PHASES[policy.phase],
      maxAttempts: policy.max_attempts,
      deadlineSeconds: policy.deadline_seconds,
    })),
    problemsPerShard: keys.problems_per_shard,
  };
}
