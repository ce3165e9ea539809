/** Everything that can be known to be wrong with a run before it starts. */
import type { ArtifactStore } from '@hone/artifacts';
import {
  checkEvaluationSpec,
  checkSampling,
  checkScorerRef,
  checkTrainingSpec,
  digestOfName,
  Phase,
  SelectionMetric,
  Violations,
  type DigestCollection,
  type RunBudget,
  type RunSpec,
} from '@hone/contracts';
import { dataLoss, HoneError, invalidArgument, notFound } from '@hone/errors';
import { modelIdOf } from './database/names.ts';
import { getCheckpoint } from './database/checkpoints.ts';
import type { Queryable } from './database/runs.ts';
import { checkPairsPerProblem, requireContext } from './plausible-rules.ts';

const PAIR_RULES = ['', 'cycle'];

/** Checks every field of a spec; all broken rules are named at once. */
export function checkRunSpec(spec: RunSpec): void {
  const violations = new Violations();
  const require: Violations['require'] = (holds, field, rule, value) =>
    violations.require(holds, `spec.${field}`, rule, value);
  require(spec.baseCheckpoint !== '', 'base_checkpoint', 'must be the name of a checkpoint');
  for (const [field, name] of problemSetFields(spec)) checkName(violations, 'problemSets', name, field);
  checkWarmUp(spec, violations);
  checkScorerRef(spec.scorer, 'spec.scorer', violations);
  require(spec.iterations >= 1, 'iterations', 'must be at least 1', spec.iterations);
  const drawn = spec.problemsPerIteration;
  require(drawn >= 0, 'problems_per_iteration', 'must be at least 0 (0 means all)', drawn);
  const samples = spec.samplesPerProblem;
  require(samples >= 2, 'samples_per_problem', 'must be at least 2, or no pair can be built', samples);
  checkSampling(spec.sampling, 'spec.sampling', violations);
  const cold = spec.sampling?.temperature === 0;
  require(!cold, 'sampling.temperature', 'must be above 0, or all samples of a problem are the same', 0);
  if (spec.pairs) {
    const { rule, pairsPerProblem } = spec.pairs;
    require(PAIR_RULES.includes(rule), 'pairs.rule', 'must be "cycle" or empty', `"${rule}"`);
    require(pairsPerProblem >= 1, 'pairs.pairs_per_problem', 'must be at least 1', pairsPerProblem);
  } else require(false, 'pairs', 'must be set');
  checkTrainingSpec(spec.training, 'groups', 'spec.training', violations);
  checkEvaluationSpec(spec.evaluation, 'spec.evaluation', violations);
  checkSelection(spec, violations);
  checkPairsPerProblem(spec, violations);
  checkModel(spec, violations);
  checkSchedule(spec, violations);
  checkPolicies(spec, violations);
  require(spec.problemsPerShard >= 0, 'problems_per_shard', 'must be at least 0', spec.problemsPerShard);
  requireBudgetRules(spec.budget, 'spec.budget', violations);
  violations.throwIfAny();
}

/** The problem sets that a run names, with their fields. */
function problemSetFields(spec: RunSpec): [field: string, name: string][] {
  const fields: [string, string][] = [
    ['spec.train_problem_set', spec.trainProblemSet],
    ['spec.test_problem_set', spec.testProblemSet],
  ];
  const validated = spec.warmUp.some(({ targetAccuracy }) => targetAccuracy > 0);
  // Only a target for the warm-up and the choice among checkpoints need a validation set.
  if (validated || spec.selection || spec.validationProblemSet !== '') {
    fields.push(['spec.validation_problem_set', spec.validationProblemSet]);
  }
  return fields;
}

function checkWarmUp(spec: RunSpec, violations: Violations): void {
  for (const [index, stage] of spec.warmUp.entries()) {
    const path = `spec.warm_up[${index}]`;
    const { dataset, training, targetAccuracy, maxRounds } = stage;
    checkName(violations, 'datasets', dataset, `${path}.dataset`);
    checkTrainingSpec(training, 'examples', `${path}.training`, violations);
    const inRange = targetAccuracy >= 0 && targetAccuracy <= 1;
    violations.require(inRange, `${path}.target_accuracy`, 'must be from 0 to 1', targetAccuracy);
    violations.require(maxRounds >= 0, `${path}.max_rounds`, 'must be at least 1 (0 is read as 1)', maxRounds);
  }
}

function checkSelection({ selection, evaluation, ...spec }: RunSpec, violations: Violations): void {
  if (!selection) return;
  const { metric, patience, minImprovement } = selection;
  const path = 'spec.selection';
  const own = selection.evaluation;
  if (own) checkEvaluationSpec(own, `${path}.evaluation`, violations);
  const measured = own ?? evaluation;
  const byVotes = metric === SelectionMetric.MAJORITY_ACCURACY;
  const field = `${path}.metric`;
  const asked = byVotes ? (measured?.majority?.k ?? 0) > 0 : (measured?.greedy ?? false);
  violations.require(asked, field, 'must be a figure that the evaluation asks for', metric);
  violations.require(patience >= 0, `${path}.patience`, 'must be at least 0 (0 means never)', patience);
  const inRange = minImprovement >= 0 && minImprovement < 1;
  violations.require(inRange, `${path}.min_improvement`, 'must be at least 0 and below 1', minImprovement);
  const rule = 'must not be the test set: what chooses checkpoints must not measure them';
  violations.require(spec.validationProblemSet !== spec.testProblemSet, 'spec.validation_problem_set', rule);
}

function checkModel({ model }: RunSpec, violations: Violations): void {
  if (model !== '') collect(violations, () => modelIdOf(`models/${model}`, 'spec.model'));
}

function checkSchedule(spec: RunSpec, violations: Violations): void {
  for (const [index, change] of spec.schedule.entries()) {
    const path = `spec.schedule[${index}]`;
    const { fromIteration, temperature, samplesPerProblem, pairsPerProblem, learningRate, loss } = change;
    const before = spec.schedule[index - 1]?.fromIteration ?? 0;
    const rises = fromIteration > before && fromIteration <= spec.iterations;
    const order = `must rise, from 1 to the run's ${spec.iterations} iterations`;
    violations.require(rises, `${path}.from_iteration`, order, fromIteration);
    const warm = temperature === undefined || (temperature >= 1e-3 && temperature <= 1e3);
    violations.require(warm, `${path}.temperature`, 'must be from 0.001 to 1000', temperature);
    const several = samplesPerProblem === undefined || samplesPerProblem >= 2;
    violations.require(several, `${path}.samples_per_problem`, 'must be at least 2', samplesPerProblem);
    const some = pairsPerProblem === undefined || pairsPerProblem >= 1;
    violations.require(some, `${path}.pairs_per_problem`, 'must be at least 1', pairsPerProblem);
    const learns = learningRate === undefined || (learningRate > 0 && Number.isFinite(learningRate));
    violations.require(learns, `${path}.learning_rate`, 'must be above 0', learningRate);
    if (loss && spec.training) checkTrainingSpec({ ...spec.training, loss }, 'groups', path, violations);
  }
}

const MAX_ATTEMPTS = 1000;

function checkPolicies({ policies }: RunSpec, violations: Violations): void {
  const seen = new Set<Phase>();
  for (const [index, { phase, maxAttempts, deadlineSeconds }] of policies.entries()) {
    const path = `spec.policies[${index}]`;
    const once = phase !== Phase.UNSPECIFIED && !seen.has(phase);
    violations.require(once, `${path}.phase`, 'must be set, and stand once only', phase);
    seen.add(phase);
    const bounded = maxAttempts >= 0 && maxAttempts <= MAX_ATTEMPTS;
    violations.require(bounded, `${path}.max_attempts`, `must be from 0 to ${MAX_ATTEMPTS}`, maxAttempts);
    // NaN is not at least 0 either.
    violations.require(deadlineSeconds >= 0, `${path}.deadline_seconds`, 'must be at least 0', deadlineSeconds);
  }
}

function requireBudgetRules(budget: RunBudget | undefined, path: string, violations: Violations): void {
  if (!budget) return;
  const { tokens, seconds, diskBytes } = budget;
  const rule = 'must be at least 0 (0 means no limit)';
  violations.require(tokens >= 0n, `${path}.tokens`, rule, String(tokens));
  violations.require(seconds >= 0, `${path}.seconds`, rule, seconds);
  violations.require(diskBytes >= 0n, `${path}.disk_bytes`, rule, String(diskBytes));
}

/** Checks a budget that stands alone. */
export function checkBudget(budget: RunBudget | undefined, path: string): void {
  const violations = new Violations();
  requireBudgetRules(budget, path, violations);
  violations.throwIfAny();
}

function checkName(violations: Violations, collection: DigestCollection, name: string, field: string): void {
  collect(violations, () => digestOfName(collection, name, field));
}

/** Adds what a check throws to the violations. */
function collect(violations: Violations, check: () => unknown): void {
  try {
    check();
  } catch (thrown) {
    if (!(thrown instanceof HoneError)) throw thrown;
    for (const { field: path, description } of thrown.violations) violations.require(false, path, description);
  }
}

/** Checks that all that a spec names exists; answers with the spec, its base checkpoint by its full name. */
export async function resolveRunSpec(database: Queryable, store: ArtifactStore, spec: RunSpec): Promise<RunSpec> {
  const base = await getCheckpoint(database, spec.baseCheckpoint, 'spec.base_checkpoint');
  if (!(await store.hasFolder(digestOfName('checkpoints', base.name, 'spec.base_checkpoint')))) {
    throw dataLoss(base.name, 'is registered, but its files are not in the store: import it again');
  }
  await requireContext(store, digestOfName('checkpoints', base.name, 'spec.base_checkpoint'), spec);
  for (const [index, { dataset }] of spec.warmUp.entries()) {
    const digest = digestOfName('datasets', dataset, `spec.warm_up[${index}].dataset`);
    if (!(await store.hasJsonLines(digest)))
      throw notFound(dataset, 'upload it with TrainerService.UploadDataset first');
  }
  for (const [field, name] of problemSetFields(spec)) {
    const found = await store.hasJsonLines(digestOfName('problemSets', name, field));
    if (!found) throw notFound(name, 'upload it with EvaluatorService.UploadProblemSet first');
  }
  await requireEnoughProblems(store, spec);
  return { ...spec, baseCheckpoint: base.name };
}

async function requireEnoughProblems(store: ArtifactStore, spec: RunSpec): Promise<void> {
  const digest = digestOfName('problemSets', spec.trainProblemSet, 'spec.train_problem_set');
  let count = 0;
  const rows = store.readJsonLines(digest);
  while (!(await rows.next()).done) count += 1;
  if (spec.problemsPerIteration <= count) return;
  const rule = `must be at most the ${count} problems of the training set, but is ${spec.problemsPerIteration}`;
  throw invalidArgument('spec.problems_per_iteration', rule);
}
