import { BatchUnit, PreferenceTerm, type LossSpec, type OptimizerSpec, type TrainingSpec } from '@hone/contracts';
import { invalidArguments, type FieldViolation } from '@hone/errors';

/** What a dataset holds; preference groups and examples are never mixed. */
export type DatasetKind = 'groups' | 'examples';

/** Notes a broken rule. Conditions are written so that NaN breaks them. */
type Require = (holds: boolean, field: string, rule: string, value?: number) => void;

const LOSS_VERSION = 1;

/** Checks every field of a training spec for this kind of data; all broken rules are named at once. */
export function checkTrainingSpec(spec: TrainingSpec | undefined, kind: DatasetKind): asserts spec is TrainingSpec {
  const violations: FieldViolation[] = [];
  const require: Require = (holds, field, rule, value) => {
    const description = value === undefined ? rule : `${rule}, but is ${value}`;
    if (!holds) violations.push({ field: `spec.${field}`, description });
  };
  if (!spec) throw invalidArguments([{ field: 'spec', description: 'must be set' }]);
  if (spec.loss) checkLoss(spec.loss, kind, require);
  else require(false, 'loss', 'must be set');
  if (spec.optimizer) checkOptimizer(spec.optimizer, require);
  else require(false, 'optimizer', 'must be set');
  require(spec.maxSteps >= 0, 'max_steps', 'must be at least 0', spec.maxSteps);
  require(spec.epochs >= (spec.maxSteps > 0 ? 0 : 1), 'epochs', 'must be at least 1 without max_steps', spec.epochs);
  require(spec.batchSize >= 1, 'batch_size', 'must be at least 1', spec.batchSize);
  const unitFits = kind === 'groups' || spec.batchUnit !== BatchUnit.PROBLEMS;
  require(unitFits, 'batch_unit', 'must not be PROBLEMS for a dataset of examples');
  require(spec.maxLength >= 0, 'max_length', 'must be at least 0', spec.maxLength);
  if (violations.length > 0) throw invalidArguments(violations);
}

function checkLoss(loss: LossSpec, kind: DatasetKind, require: Require): void {
  const { version, preference, beta, nllAlpha } = loss;
  require(version === LOSS_VERSION, 'loss.version', `must be ${LOSS_VERSION}`, version);
  if (kind === 'examples') {
    const unset = preference === PreferenceTerm.UNSPECIFIED;
    require(unset, 'loss.preference', 'must be unset: the dataset holds examples, not preference groups');
    return;
  }
  require(preference ===
    PreferenceTerm.SIGMOID, 'loss.preference', 'must be SIGMOID for a dataset of preference groups');
  require(beta > 0 && Number.isFinite(beta), 'loss.beta', 'must be above 0', beta);
  require(nllAlpha >= 0 && Number.isFinite(nllAlpha), 'loss.nll_alpha', 'must be at least 0', nllAlpha);
}

function checkOptimizer(optimizer: OptimizerSpec, require: Require): void {
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
