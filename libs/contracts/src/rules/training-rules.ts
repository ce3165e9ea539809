import type { LoraSpec, LossSpec, OptimizerSpec, TrainingSpec } from '../generated/hone/types/v1/loss.ts';
import { BatchUnit, PreferenceTerm } from '../generated/hone/types/v1/loss.ts';
import type { Violations } from './violations.ts';

/** What a dataset holds; preference groups and examples are never mixed. */
export type DatasetKind = 'groups' | 'examples';

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
  if (spec.loss) checkLoss(spec.loss, kind, require);
  else require(false, 'loss', 'must be set');
  if (spec.optimizer) checkOptimizer(spec.optimizer, require);
  else require(false, 'optimizer', 'must be set');
  require(spec.maxSteps >= 0, 'max_steps', 'must be at least 0', spec.maxSteps);
  require(spec.epochs >= (spec.maxSteps > 0 ? 0 : 1), 'epochs', 'must be at least 1 without max_steps', spec.epochs);
  require(spec.batchSize >= 1, 'batch_size', 'must be at least 1', spec.batchSize);
  const unitFits = kind === 'groups' || spec.batchUnit !== BatchUnit.PROBLEMS;
  require(unitFits, 'batch_unit', 'must not be PROBLEMS for a dataset of examples');
  if (spec.lora) checkLora(spec.lora, require);
  require(spec.maxLength >= 0, 'max_length', 'must be at least 0', spec.maxLength);
}

function checkLoss(loss: LossSpec, kind: DatasetKind, require: Violations['require']): void {
  const { version, preference, beta, nllAlpha } = loss;
  require(version === LOSS_VERSION, 'loss.version', `must be ${LOSS_VERSION}`, version);
  if (kind === 'examples') {
    const unset = preference === PreferenceTerm.UNSPECIFIED;
    require(unset, 'loss.preference', 'must be unset: the dataset holds examples, not preference groups');
    return;
  }
  const isSet = preference !== PreferenceTerm.UNSPECIFIED;
  require(isSet, 'loss.preference', 'must be set for a dataset of preference groups');
  const needsBeta = preference !== PreferenceTerm.NONE;
  require(!needsBeta || (beta > 0 && Number.isFinite(beta)), 'loss.beta', 'must be above 0', beta);
  checkSmoothing(loss, require);
  require(nllAlpha >= 0 && Number.isFinite(nllAlpha), 'loss.nll_alpha', 'must be at least 0', nllAlpha);
}

/** Only these terms know of labels that may be wrong. */
const SMOOTHED: readonly PreferenceTerm[] = [PreferenceTerm.SIGMOID, PreferenceTerm.ROBUST];

function checkSmoothing({ preference, labelSmoothing }: LossSpec, require: Violations['require']): void {
  const inRange = labelSmoothing >= 0 && labelSmoothing < 0.5;
  require(inRange, 'loss.label_smoothing', 'must be at least 0 and below 0.5', labelSmoothing);
  const fits = labelSmoothing === 0 || SMOOTHED.includes(preference);
  require(fits, 'loss.label_smoothing', 'must be 0 for terms other than SIGMOID and ROBUST', labelSmoothing);
}

function checkLora({ rank, alpha }: LoraSpec, require: Violations['require']): void {
  require(Number.isInteger(rank) && rank >= 1, 'lora.rank', 'must be at least 1', rank);
  require(alpha > 0 && Number.isFinite(alpha), 'lora.alpha', 'must be above 0', alpha);
}

function checkOptimizer(optimizer: OptimizerSpec, require: Violations['require']): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm, warmupSteps } = optimizer;
  const atLeastZero = (value: number): boolean => value >= 0 && Number.isFinite(value);
  const positiveRate = learningRate > 0 && Number.isFinite(learningRate);
  require(positiveRate, 'optimizer.learning_rate', 'must be above 0', learningRate);
  require(beta1 >= 0 && beta1 < 1, 'optimizer.beta1', 'must be at least 0 and below 1', beta1);
  require(beta2 >= 0 && beta2 < 1, 'optimizer.beta2', 'must be at least 0 and below 1', beta2);
  require(atLeastZero(epsilon), 'optimizer.epsilon', 'must be at least 0', epsilon);
  require(atLeastZero(weightDecay), 'optimizer.weight_decay', 'must be at least 0', weightDecay);
  require(atLeastZero(maxGradNorm), 'optimizer.max_grad_norm', 'must be at least 0', maxGradNorm);
  require(warmupSteps >= 0, 'optimizer.warmup_steps', 'must be at least 0', warmupSteps);
}
