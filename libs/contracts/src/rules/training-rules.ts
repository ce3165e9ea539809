import type { LoraSpec, LossSpec, OptimizerSpec, TrainingSpec } from '../generated/hone/types/v1/loss.ts';
import { BatchUnit } from '../generated/hone/types/v1/loss.ts';
import { LIMITS } from '@hone/limits';
import type { Violations } from './violations.ts';

/** What a dataset holds: preference groups, or examples, with labels, with advantages, or plain; they are never mixed. */
export type DatasetKind = 'groups' | 'examples' | 'labelled' | 'advantages';

const KINDS = {
  groups: 'preference groups',
  labelled: 'examples with labels',
  advantages: 'examples with advantages',
} as const;

const LOSS_VERSION = 1;

/** Checks every field of a training spec for this kind of data; `path` is the field that holds the spec. */
export function checkTrainingSpec(
  spec: TrainingSpec | undefined,
  kind: DatasetKind,
  path: string,
  violations: Violations,
): asserts spec is TrainingSpec {
  if (!spec) {
    violations.require(false, path, 'must be set');
    return;
  }
  const require: Violations['require'] = (holds, field, rule, value) =>
    violations.require(holds, `${path}.${field}`, rule, value);
  if (spec.loss) checkLoss(spec.loss, kind, path, violations);
  else require(false, 'loss', 'must be set');
  if (spec.optimizer) checkOptimizer(spec.optimizer, `${path}.optimizer`, violations);
  else require(false, 'optimizer', 'must be set');
  violations.within(spec.maxSteps, 0, LIMITS.trainingSteps, `${path}.max_steps`, '0 means by epochs');
  require(spec.epochs >= (spec.maxSteps > 0 ? 0 : 1), 'epochs', 'must be at least 1 without max_steps', spec.epochs);
  require(!(spec.epochs > LIMITS.epochs), 'epochs', `must be at most ${LIMITS.epochs}`, spec.epochs);
  violations.within(spec.batchSize, 1, LIMITS.batchSize, `${path}.batch_size`);
  const unitFits = kind === 'groups' || spec.batchUnit !== BatchUnit.PROBLEMS;
  require(unitFits, 'batch_unit', 'must not be PROBLEMS for a dataset of examples');
  if (spec.lora) checkLora(spec.lora, `${path}.lora`, violations);
  violations.within(spec.maxLength, 0, LIMITS.tokens, `${path}.max_length`, "0 means the model's context");
}

/** What holds for every loss; which losses there are, and what their settings may be, the trainer knows. */
function checkLoss(loss: LossSpec, kind: DatasetKind, path: string, violations: Violations): void {
  const { version, preference, settings, nllAlpha } = loss;
  const require: Violations['require'] = (holds, field, rule, value) =>
    violations.require(holds, `${path}.${field}`, rule, value);
  require(version === LOSS_VERSION, 'loss.version', `must be ${LOSS_VERSION}`, version);
  if (kind === 'examples') {
    const rule = 'must be unset: the dataset holds plain examples, without labels or advantages';
    require(preference === '', 'loss.preference', rule);
    require(Object.keys(settings ?? {}).length === 0, 'loss.settings', rule);
    return;
  }
  require(preference !== '', 'loss.preference', `must be set for a dataset of ${KINDS[kind]}`);
  violations.atMost(preference, LIMITS.nameChars, `${path}.loss.preference`);
  violations.within(nllAlpha, 0, LIMITS.coefficient, `${path}.loss.nll_alpha`);
}

function checkLora({ rank, alpha, targetModules }: LoraSpec, path: string, violations: Violations): void {
  violations.within(rank, 1, LIMITS.loraRank, `${path}.rank`);
  violations.above(alpha, 0, LIMITS.coefficient, `${path}.alpha`);
  const few = targetModules.length <= LIMITS.loraModules;
  violations.require(few, `${path}.target_modules`, `must be at most ${LIMITS.loraModules}`, targetModules.length);
  for (const name of targetModules.slice(0, LIMITS.loraModules))
    violations.atMost(name, LIMITS.nameChars, `${path}.target_modules`);
}

function checkOptimizer(optimizer: OptimizerSpec, path: string, violations: Violations): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm, warmupSteps } = optimizer;
  violations.above(learningRate, 0, LIMITS.learningRate, `${path}.learning_rate`);
  for (const [name, beta] of Object.entries({ beta1, beta2 }))
    violations.require(beta >= 0 && beta < 1, `${path}.${name}`, 'must be at least 0 and below 1', beta);
  violations.within(epsilon, 0, LIMITS.coefficient, `${path}.epsilon`);
  violations.within(weightDecay, 0, LIMITS.coefficient, `${path}.weight_decay`);
  violations.within(maxGradNorm, 0, LIMITS.coefficient, `${path}.max_grad_norm`);
  violations.within(warmupSteps, 0, LIMITS.trainingSteps, `${path}.warmup_steps`);
}
