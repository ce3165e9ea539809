/** What a RunSpec says beside its recipe's settings, by plain keys: as schemas check it, and as run files state it. */
import {
  StepKind,
  type RunBudget,
  type RunSpec,
  type StepPolicy,
} from './generated/hone/orchestrator/v1/orchestrator.ts';
import type { PartialMessage } from './partial.ts';
import { serverFields, serverKeysOf, type ServerKeys } from './server-keys.ts';

const KIND_PREFIX = 'STEP_KIND_';

/** "train" for TRAIN; "unspecified" where it is not said. */
export const nameOfKind = (kind: StepKind): string => kind.replace(KIND_PREFIX, '').toLowerCase();

/** "train" -> TRAIN. */
const kindOfName = (name: string): StepKind => `${KIND_PREFIX}${name.toUpperCase()}` as StepKind;

/** Numbers of the contract as JSON has them. */
interface BudgetKeys {
  readonly tokens: number;
  readonly seconds: number;
  readonly disk_bytes: number;
}
interface PolicyKeys {
  readonly kind: string;
  readonly max_attempts: number;
  readonly deadline_seconds: number;
}

const budgetKeys = ({ tokens, seconds, diskBytes }: RunBudget): BudgetKeys => ({
  tokens: Number(tokens),
  seconds,
  disk_bytes: Number(diskBytes),
});

const policyKeys = ({ kind, maxAttempts, deadlineSeconds }: StepPolicy): PolicyKeys => ({
  kind: nameOfKind(kind),
  max_attempts: maxAttempts,
  deadline_seconds: deadlineSeconds,
});

/** What decides how a run goes, without its scorer and seed, which are no plain keys. */
export function envelopeKeysOf(spec: RunSpec) {
  return {
    display_name: spec.displayName,
    recipe: spec.recipe,
    recipe_version: spec.recipeVersion,
    preset: spec.preset,
    benchmark: spec.benchmark,
    base_checkpoint: spec.baseCheckpoint,
    train_problem_set: spec.trainProblemSet,
    validation_problem_set: spec.validationProblemSet,
    test_problem_set: spec.testProblemSet,
    model: spec.model,
    ...(spec.sampler && { sampler: serverKeysOf(spec.sampler) }),
    ...(spec.trainer && { trainer: serverKeysOf(spec.trainer) }),
    ...(spec.evaluator && { evaluator: serverKeysOf(spec.evaluator) }),
    ...(spec.budget && { budget: budgetKeys(spec.budget) }),
    policies: spec.policies.map(policyKeys),
    problems_per_shard: spec.problemsPerShard,
  };
}

/** Such keys, any of which may be left out, as fields of a RunSpec. */
export type EnvelopeKeys = Partial<
  Omit<ReturnType<typeof envelopeKeysOf>, 'budget' | 'policies' | keyof NamedServers>
> & {
  readonly [Service in keyof NamedServers]?: string | ServerKeys | undefined;
} & {
  readonly budget?: Partial<BudgetKeys> | undefined;
  readonly policies?: readonly (Partial<PolicyKeys> & Pick<PolicyKeys, 'kind'>)[];
};

/** Services that a run may name; scorers are no plain keys. */
type NamedServers = Pick<RunSpec, 'sampler' | 'trainer' | 'evaluator'>;

/** The fields; files that keys name lie where `beside` says. */
export function envelopeFields(
  { budget, policies = [], sampler, trainer, evaluator, ...keys }: EnvelopeKeys,
  beside: (file: string) => string = (file) => file,
): PartialMessage<RunSpec> {
  return {
    ...(sampler !== undefined && { sampler: serverFields(sampler, beside) }),
    ...(trainer !== undefined && { trainer: serverFields(trainer, beside) }),
    ...(evaluator !== undefined && { evaluator: serverFields(evaluator, beside) }),
    displayName: keys.display_name ?? '',
    recipe: keys.recipe ?? '',
    recipeVersion: keys.recipe_version ?? 0,
    preset: keys.preset ?? '',
    benchmark: keys.benchmark ?? '',
    baseCheckpoint: keys.base_checkpoint ?? '',
    trainProblemSet: keys.train_problem_set ?? '',
    validationProblemSet: keys.validation_problem_set ?? '',
    testProblemSet: keys.test_problem_set ?? '',
    model: keys.model ?? '',
    ...(budget && {
      budget: {
        tokens: BigInt(budget.tokens ?? 0),
        seconds: budget.seconds ?? 0,
        diskBytes: BigInt(budget.disk_bytes ?? 0),
      },
    }),
    policies: policies.map(({ kind, max_attempts = 0, deadline_seconds = 0 }) => ({
      kind: kindOfName(kind),
      maxAttempts: max_attempts,
      deadlineSeconds: deadline_seconds,
    })),
    problemsPerShard: keys.problems_per_shard ?? 0,
  };
}
