/** A run's spec as the run file that would state it: for people to read, and to change by the keys that they know. */
import {
  BatchUnit,
  CombinationRule,
  RunSpec,
  Schedule,
  UnscorablePolicy,
  WeightPrecision,
  type LossSpec,
  type ScorerRef,
  type ServerTls,
  type TrainingSpec,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import yaml from 'yaml';
import { specOf } from './create-run.ts';
import { PREFERENCES, REDUCTIONS } from './loss-fields.ts';
import { shortName } from './output.ts';
import { checkRunFile } from './run-file.ts';
import { METRICS, PHASES } from './run-keys.ts';
import { SCHEDULES } from './run-spec.ts';
import { RULES } from './scorer-file.ts';
import { applySettings, type Setting } from './settings.ts';

/** The last name of a value: of two names for the same the one that says what it is. */
const nameIn = <Value>(names: Readonly<Record<string, Value>>, value: Value): string | undefined =>
  Object.keys(names).findLast((name) => names[name] === value);

const tlsKeys = (tls: ServerTls) => ({
  root_certificate_file: tls.rootCertificateFile || undefined,
  client_certificate_file: tls.clientCertificateFile || undefined,
  client_key_file: tls.clientKeyFile || undefined,
  server_name: tls.serverName || undefined,
});

function singleScorer({ name, address, config, tls, timeoutMs, weight }: ScorerRef) {
  return { name, address, config, tls: tls && tlsKeys(tls), timeout_ms: timeoutMs, weight: weight || undefined };
}

function scorerKeys(scorer: ScorerRef | undefined) {
  const { combination } = scorer ?? {};
  if (!combination) return scorer && singleScorer(scorer);
  return {
    rule: nameIn<CombinationRule>(RULES, combination.rule),
    threshold: combination.threshold || undefined,
    scorers: combination.scorers.map(singleScorer),
  };
}

const lossKeys = (loss: LossSpec) => ({
  preference: nameIn(PREFERENCES, loss.preference),
  beta: loss.beta,
  label_smoothing: loss.labelSmoothing,
  nll_alpha: loss.nllAlpha,
  nll_reduction: nameIn(REDUCTIONS, loss.nllReduction),
});

function trainingKeys({ optimizer, loss, lora, ...training }: TrainingSpec) {
  return {
    learning_rate: optimizer?.learningRate,
    batch_size: training.batchSize,
    batch_unit: training.batchUnit === BatchUnit.PROBLEMS ? 'problems' : 'pairs',
    epochs: training.epochs || undefined,
    max_steps: training.maxSteps,
    warmup_steps: optimizer?.warmupSteps,
    schedule: nameIn<Schedule>(SCHEDULES, optimizer?.schedule ?? Schedule.CONSTANT),
    weight_decay: optimizer?.weightDecay,
    max_grad_norm: optimizer?.maxGradNorm,
    max_length: training.maxLength,
    ...(loss && lossKeys(loss)),
    recompute_activations: training.recomputeActivations,
    stop_when_chosen_falls: training.stopWhenChosenFalls,
    lora: lora && { rank: lora.rank, alpha: lora.alpha, target_modules: lora.targetModules },
  };
}

function courseKeys({ selection, schedule, budget, policies }: RunSpec) {
  return {
    select: selection && {
      metric: nameIn(METRICS, selection.metric),
      patience: selection.patience,
      min_improvement: selection.minImprovement,
    },
    schedule: schedule.map((change) => ({
      from_iteration: change.fromIteration,
      temperature: change.temperature,
      samples_per_problem: change.samplesPerProblem,
      pairs_per_problem: change.pairsPerProblem,
      learning_rate: change.learningRate,
      loss: change.loss && lossKeys(change.loss),
    })),
    budget: budget && {
      tokens: Number(budget.tokens),
      seconds: budget.seconds,
      disk_bytes: Number(budget.diskBytes),
    },
    policies: policies.map(({ phase, maxAttempts, deadlineSeconds }) => ({
      phase: nameIn(PHASES, phase),
      max_attempts: maxAttempts,
      deadline_seconds: deadlineSeconds,
    })),
  };
}

/** The keys of a run file that say what a spec says, but for model and problems, which it names by their digests. */
export function runKeysOf(spec: RunSpec): object {
  const { sampling, pairs, evaluation } = spec;
  const keys = {
    name: spec.displayName,
    publish_as: spec.model || undefined,
    scorer: scorerKeys(spec.scorer),
    iterations: spec.iterations,
    problems_per_iteration: spec.problemsPerIteration,
    samples_per_problem: spec.samplesPerProblem,
    sampling: sampling && {
      temperature: sampling.temperature,
      top_k: sampling.topK,
      top_p: sampling.topP || 1,
      max_tokens: sampling.maxTokens,
      stop: sampling.stop,
      stop_token_ids: sampling.stopTokenIds,
      weights: sampling.weightPrecision === WeightPrecision.INT8 ? 'int8' : 'fp32',
    },
    pairs: pairs && {
      per_problem: pairs.pairsPerProblem,
      unscorable: pairs.unscorable === UnscorablePolicy.DROP ? 'drop' : 'loser',
      truncated_lose: pairs.truncatedLose,
    },
    training: spec.training && trainingKeys(spec.training),
    evaluation: evaluation && {
      greedy: evaluation.greedy,
      max_tokens: evaluation.maxTokens || undefined,
      majority_k: evaluation.majority?.k ?? 0,
      majority_temperature: evaluation.majority?.sampling?.temperature || undefined,
    },
    ...courseKeys(spec),
    problems_per_shard: spec.problemsPerShard,
    seed: Number(spec.seed),
  };
  // What is undefined is no key.
  return JSON.parse(JSON.stringify(keys)) as object;
}

/** A spec for people: what it starts from, and the rest as a run file says it. */
export function specText(spec: RunSpec): string {
  const { baseCheckpoint, trainProblemSet, validationProblemSet, testProblemSet, warmUp, benchmark } = spec;
  const named = {
    benchmark,
    checkpoint: shortName(baseCheckpoint),
    train: shortName(trainProblemSet),
    ...(validationProblemSet !== '' && { validation: shortName(validationProblemSet) }),
    test: shortName(testProblemSet),
    ...(warmUp.length > 0 && { warm_up: warmUp.map(({ dataset }) => shortName(dataset)) }),
  };
  // Texts stand in quotes: a stop text is often one end of line, which YAML's blocks hide.
  return yaml.stringify({ ...named, ...runKeysOf(spec) }, { lineWidth: 0, blockQuote: false }).trimEnd();
}

/** Keys that stand for what is uploaded before a run: a run that goes on from another has its problems. */
const UPLOADED = ['model', 'checkpoint', 'benchmark', 'difficulty', 'prompt', 'train', 'validation', 'test', 'scorers'];

type Json = Record<string, unknown>;
const isMapping = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `target` with everything in which `after` differs from `before`. */
function withChanges(target: unknown, before: unknown, after: unknown): unknown {
  if (JSON.stringify(before) === JSON.stringify(after)) return target;
  if (!isMapping(after)) return after;
  const [old, base] = [isMapping(before) ? before : {}, isMapping(target) ? target : {}];
  const keys = new Set([...Object.keys(base), ...Object.keys(old), ...Object.keys(after)]);
  return Object.fromEntries([...keys].map((key) => [key, withChanges(base[key], old[key], after[key])]));
}

/** What a run file with these keys makes of a spec, as JSON. Stand-ins are in place of what a fork does not upload. */
function specJson(keys: object, spec: RunSpec): unknown {
  const stand = { benchmark: 'jsonl', checkpoint: '00000000', train: { file: '-' }, test: { file: '-' } };
  const validation = spec.validationProblemSet === '' ? {} : { validation: { file: '-' } };
  const run = checkRunFile({ ...keys, ...stand, ...validation }, { file: '--set', folder: '.' });
  const named = (name: string): { name: string } => ({ name });
  const { trainProblemSet: train, testProblemSet: test, validationProblemSet } = spec;
  const sets = { train: named(train), test: named(test), validation: named(validationProblemSet) };
  return RunSpec.toJSON(RunSpec.fromPartial(specOf(run, spec.baseCheckpoint, sets)));
}

/** A spec with settings of run-file keys in place of its own; what no run file can say stays as it is. */
export function changedSpec(spec: RunSpec, settings: readonly Setting[]): RunSpec {
  if (settings.length === 0) return spec;
  for (const { path } of settings)
    if (UPLOADED.includes(String(path[0])))
      throw invalidArgument(
        '--set',
        `${path.join('.')} cannot be changed in a fork, which keeps the run's problems: use hone run`,
      );
  const keys = runKeysOf(spec);
  const before = specJson(keys, spec);
  for (const setting of settings)
    if (JSON.stringify(specJson(applySettings(keys, [setting]) as object, spec)) === JSON.stringify(before))
      throw invalidArgument('--set', `${setting.path.join('.')} has this value already`);
  const after = specJson(applySettings(keys, settings) as object, spec);
  return RunSpec.fromJSON(withChanges(RunSpec.toJSON(spec), before, after));
}
