/** Everything that can be known to be wrong with a run before it starts. */
import type { ArtifactStore } from '@hone/artifacts';
import {
  checkEvaluationSpec,
  checkSampling,
  checkScorerRef,
  checkTrainingSpec,
  digestOfName,
  LIMITS,
  Phase,
  SelectionMetric,
  Violations,
  type DigestCollection,
  type RunBudget,
  type RunSpec,
} from '@hone/contracts';
import type { Queryable } from '@hone/database';
import { dataLoss, HoneError, invalidArgument, notFound } from '@hone/errors';
import { getCheckpoint, modelIdOf } from '@hone/registry';
import { checkPairsPerProblem, requireContext } from './plausible-rules.ts';

/** Notes every rule that a spec breaks by itself; what rules of pairs there are, and what they take, the pair-builder knows. */
export function noteRunSpec(spec: RunSpec, violations: Violations): void {
  const require: Violations['require'] = (holds, field, rule, value) =>
    violations.require(holds, `spec.${field}`, rule, value);
  require(spec.baseCheckpoint !== '', 'base_checkpoint', 'must be the name of a checkpoint');
  for (const [field, name] of problemSetFields(spec)) checkName(violations, 'problemSets', name, field);
  checkWarmUp(spec, violations);
  checkScorerRef(spec.scorer, 'spec.scorer', violations);
  for (const [field, text] of [
    ['display_name', spec.displayName],
    ['benchmark', spec.benchmark],
  ] as const)
    violations.atMost(text, LIMITS.nameChars, `spec.${field}`);
  violations.within(spec.iterations, 1, LIMITS.iterations, 'spec.iterations');
  violations.within(spec.problemsPerIteration, 0, Infinity, 'spec.problems_per_iteration', '0 means all');
  const samples = spec.samplesPerProblem;
  require(samples >= 2, 'samples_per_problem', 'must be at least 2, or no pair can be built', samples);
  violations.within(samples, -Infinity, LIMITS.samplesPerProblem, 'spec.samples_per_problem');
  checkSampling(spec.sampling, 'spec.sampling', violations);
  const cold = spec.sampling?.temperature === 0;
  require(!cold, 'sampling.temperature', 'must be above 0, or all samples of a problem are the same', 0);
  require(spec.pairs !== undefined, 'pairs', 'must be set');
  checkTrainingSpec(spec.training, 'groups', 'spec.training', violations);
  checkEvaluationSpec(spec.evaluation, 'spec.evaluation', violations);
  checkSelection(spec, violations);
  checkPairsPerProblem(spec, violations);
  checkModel(spec, violations);
  checkSchedule(spec, violations);
  checkPolicies(spec, violations);
  checkShards(spec, violations);
  requireBudgetRules(spec.budget, 'spec.budget', violations);
}

/** The most completions a problem in any iteration. */
const mostSamples = ({ samplesPerProblem, schedule }: RunSpec): number =>
  schedule.reduce((most, change) => Math.max(most, change.samplesPerProblem ?? 0), samplesPerProblem);

/** A shard's completions are held in memory. */
function checkShards(spec: RunSpec, violations: Violations): void {
  const { problemsPerShard: problems } = spec;
  violations.within(problems, 0, LIMITS.problemsPerShard, 'spec.problems_per_shard');
  const most = mostSamples(spec);
  const fits = problems * most <= LIMITS.completionsPerShard;
  const rule = `times samples_per_problem (${most}) must be at most ${LIMITS.completionsPerShard} completions`;
  violations.require(fits, 'spec.problems_per_shard', rule, problems);
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
  const few = spec.warmUp.length <= LIMITS.warmUpStages;
  violations.require(few, 'spec.warm_up', `must be at most ${LIMITS.warmUpStages} stages`, spec.warmUp.length);
  for (const [index, stage] of spec.warmUp.slice(0, LIMITS.warmUpStages).entries()) {
    const path = `spec.warm_up[${index}]`;
    const { dataset, training, targetAccuracy, maxRounds } = stage;
    checkName(violations, 'datasets', dataset, `${path}.dataset`);
    checkTrainingSpec(training, 'examples', `${path}.training`, violations);
    const inRange = targetAccuracy >= 0 && targetAccuracy <= 1;
    violations.require(inRange, `${path}.target_accuracy`, 'must be from 0 to 1', targetAccuracy);
    violations.within(maxRounds, 0, LIMITS.warmUpRounds, `${path}.max_rounds`, '0 is read as 1');
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
  violations.within(patience, 0, LIMITS.iterations, `${path}.patience`, '0 means never');
  const inRange = minImprovement >= 0 && minImprovement < 1;
  violations.require(inRange, `${path}.min_improvement`, 'must be at least 0 and below 1', minImprovement);
  const rule = 'must not be the test set: what chooses checkpoints must not measure them';
  violations.require(spec.validationProblemSet !== spec.testProblemSet, 'spec.validation_problem_set', rule);
}

function checkModel({ model }: RunSpec, violations: Violations): void {
  if (model !== '') collect(violations, () => modelIdOf(`models/${model}`, 'spec.model'));
}

function checkSchedule(spec: RunSpec, violations: Violations): void {
  const few = spec.schedule.length <= LIMITS.iterations;
  violations.require(few, 'spec.schedule', `must be at most ${LIMITS.iterations} changes`, spec.schedule.length);
  for (const [index, change] of spec.schedule.slice(0, LIMITS.iterations).entries()) {
    const path = `spec.schedule[${index}]`;
    const { fromIteration, temperature, samplesPerProblem, pairsPerProblem, learningRate, loss } = change;
    const before = spec.schedule[index - 1]?.fromIteration ?? 0;
    const rises = fromIteration > before && fromIteration <= spec.iterations;
    const order = `must rise, from 1 to the run's ${spec.iterations} iterations`;
    violations.require(rises, `${path}.from_iteration`, order, fromIteration);
    const warm = temperature === undefined || (temperature >= 1e-3 && temperature <= LIMITS.temperature);
    violations.require(warm, `${path}.temperature`, `must be from 0.001 to ${LIMITS.temperature}`, temperature);
    violations.within(samplesPerProblem ?? 2, 2, LIMITS.samplesPerProblem, `${path}.samples_per_problem`);
    violations.within(pairsPerProblem ?? 1, 1, LIMITS.pairsPerProblem, `${path}.pairs_per_problem`);
    violations.above(learningRate ?? 1, 0, LIMITS.learningRate, `${path}.learning_rate`);
    if (loss && spec.training) checkTrainingSpec({ ...spec.training, loss }, 'groups', path, violations);
  }
}

/** One for each phase; a further one repeats a phase. */
const MOST_POLICIES = Object.keys(Phase).length;

function checkPolicies({ policies }: RunSpec, violations: Violations): void {
  const seen = new Set<Phase>();
  for (const [index, { phase, maxAttempts, deadlineSeconds }] of policies.slice(0, MOST_POLICIES).entries()) {
    const path = `spec.policies[${index}]`;
    const once = phase !== Phase.UNSPECIFIED && !seen.has(phase);
    violations.require(once, `${path}.phase`, 'must be set, and stand once only', phase);
    seen.add(phase);
    violations.within(maxAttempts, 0, LIMITS.attempts, `${path}.max_attempts`);
    violations.within(deadlineSeconds, 0, LIMITS.deadlineSeconds, `${path}.deadline_seconds`, '0 means no deadline');
  }
}

function requireBudgetRules(budget: RunBudget | undefined, path: string, violations: Violations): void {
  if (!budget) return;
  const { tokens, seconds, diskBytes } = budget;
  const rule = 'must be at least 0 (0 means no limit)';
  violations.require(tokens >= 0n, `${path}.tokens`, rule, String(tokens));
  // JSON, which specs are kept as, has no infinity.
  violations.require(seconds >= 0 && Number.isFinite(seconds), `${path}.seconds`, rule, seconds);
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
  if (spec.problemsPerIteration > count) {
    const rule = `must be at most the ${count} problems of the training set, but is ${spec.problemsPerIteration}`;
    throw invalidArgument('spec.problems_per_iteration', rule);
  }
  const completions = (spec.problemsPerIteration || count) * mostSamples(spec);
  if (completions <= LIMITS.completions) return;
  const rule = `times the problems of an iteration must be at most ${LIMITS.completions} completions, but is ${completions}`;
  throw invalidArgument('spec.samples_per_problem', rule);
}
