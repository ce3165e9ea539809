/** From a run file to a run: model and problems are uploaded, the spec is made of them. */
import { findContamination, loadBenchmark, PAPER_STYLES, type BenchmarkSpec } from '@hone/benchmarks';
import { CreateRunRequest, messageOf, UnscorablePolicy, WeightPrecision, type Run } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import { checkpointName } from './checkpoint-reference.ts';
import { shortName } from './output.ts';
import type { Clients } from './platform.ts';
import type { Progress } from './progress.ts';
import { scorerOf, type RunFile } from './run-file.ts';
import { lossSpec } from './loss-fields.ts';
import { runKeysSpec } from './run-keys.ts';
import { namedByFileKeys } from './file-keys.ts';
import { preferenceTraining, type RunFields } from './run-spec.ts';
import { importModel, uploadProblems } from './uploads.ts';

function benchmarkOf(run: RunFile, part: 'train' | 'validation' | 'test'): BenchmarkSpec {
  const { benchmark, file, offset, count, selection } = run[part]!;
  if (benchmark !== 'arithmetic') {
    if (file === undefined) throw invalidArgument(`${part}.file`, 'must be set');
    const style = run.prompt ?? PAPER_STYLES[benchmark];
    const chosen = selection && { ...selection, seed: BigInt(selection.seed) };
    return { name: benchmark, file, style, selection: chosen, offset, limit: count };
  }
  const {
    min_steps: minSteps,
    max_steps: maxSteps,
    max_start: maxStart,
    max_operand: maxOperand,
    max_value: maxValue,
    multiplication,
  } = run.difficulty ?? {};
  const difficulty = {
    ...(minSteps !== undefined && { minSteps }),
    ...(maxSteps !== undefined && { maxSteps }),
    ...(maxStart !== undefined && { maxStart }),
    ...(maxOperand !== undefined && { maxOperand }),
    ...(maxValue !== undefined && { maxValue }),
    ...(multiplication !== undefined && { multiplication }),
  };
  return { name: 'arithmetic', split: part, count, seed: BigInt(run.seed), difficulty };
}

async function baseCheckpoint(clients: Clients, run: RunFile, progress: Progress): Promise<string> {
  if (run.model === undefined) return checkpointName(run.checkpoint!);
  progress.phase('import model');
  const { name, parameterCount } = await importModel(clients, run.model, {
    onBytes: (done, total) => progress.update(Math.round(done / 2 ** 20), Math.round(total / 2 ** 20), 'MiB'),
  });
  progress.finish(`${(Number(parameterCount) / 1e6).toFixed(1)} million weights, ${shortName(name)}`);
  return name;
}

interface Named {
  readonly name: string;
}

/** The uploaded problems of a run. */
export interface ProblemSets {
  readonly train: Named;
  readonly validation?: Named | undefined;
  readonly test: Named;
}

/** The spec of a run file whose model and problems are uploaded. */
export function specOf(run: RunFile, checkpoint: string, sets: ProblemSets): RunFields {
  const { train, validation, test } = sets;
  const { temperature, top_k: topK, top_p: topP, max_tokens: maxTokens, stop } = run.sampling;
  const { training, pairs, evaluation } = run;
  return {
    displayName: run.name,
    model: run.publish_as ?? '',
    benchmark: run.benchmark,
    baseCheckpoint: checkpoint,
    trainProblemSet: train.name,
    validationProblemSet: validation?.name ?? '',
    testProblemSet: test.name,
    scorer: scorerOf(run),
    iterations: run.iterations,
    problemsPerIteration: run.problems_per_iteration,
    samplesPerProblem: run.samples_per_problem,
    sampling: {
      ...{ temperature, topK, topP, maxTokens, stop },
      stopTokenIds: run.sampling.stop_token_ids,
      weightPrecision: run.sampling.weights === 'int8' ? WeightPrecision.INT8 : WeightPrecision.FP32,
    },
    pairs: {
      rule: 'cycle',
      pairsPerProblem: pairs.per_problem,
      unscorable: pairs.unscorable === 'drop' ? UnscorablePolicy.DROP : UnscorablePolicy.LOSER,
      truncatedLose: pairs.truncated_lose,
    },
    training: preferenceTraining({
      learningRate: training.learning_rate,
      batchSize: training.batch_size,
      batchUnit: training.batch_unit,
      epochs: training.epochs,
      maxSteps: training.max_steps,
      warmupSteps: training.warmup_steps,
      schedule: training.schedule,
      weightDecay: training.weight_decay,
      maxGradNorm: training.max_grad_norm,
      maxLength: training.max_length,
      loss: lossSpec(training),
      recomputeActivations: training.recompute_activations,
      stopWhenChosenFalls: training.stop_when_chosen_falls,
      lora: training.lora && { ...training.lora, targetModules: training.lora.target_modules },
    }),
    evaluation: {
      greedy: evaluation.greedy,
      maxTokens: evaluation.max_tokens ?? maxTokens,
      stop,
      ...(evaluation.majority_k > 0 && {
        majority: { k: evaluation.majority_k, sampling: { temperature: evaluation.majority_temperature } },
      }),
    },
    seed: BigInt(run.seed),
    ...runKeysSpec(run),
  };
}

/** Test problems that the run trains on would make its accuracy worthless. Generated splits never share a problem. */
async function noteContamination(run: RunFile, progress: Progress): Promise<void> {
  if ([run.train, run.test].some(({ benchmark }) => benchmark === 'arithmetic')) return;
  const [train, test] = [loadBenchmark(benchmarkOf(run, 'train')), loadBenchmark(benchmarkOf(run, 'test'))];
  const { overlaps, testProblems } = await findContamination(train, test);
  if (overlaps.length === 0) return;
  const exact = overlaps.filter((overlap) => overlap.exact).length;
  progress.note(
    `warning: ${overlaps.length} of ${testProblems} test problems stand among the training problems ` +
      `(${exact} equal, ${overlaps.length - exact} nearly; hone benchmarks contamination lists them)`,
  );
}

export async function createRun(clients: Clients, run: RunFile, progress: Progress): Promise<Run> {
  await noteContamination(run, progress);
  const train = await uploadProblems(clients, loadBenchmark(benchmarkOf(run, 'train')));
  const test = await uploadProblems(clients, loadBenchmark(benchmarkOf(run, 'test')));
  const checkpoint = await baseCheckpoint(clients, run, progress);
  const validation = run.validation && (await uploadProblems(clients, loadBenchmark(benchmarkOf(run, 'validation'))));
  const spec = specOf(run, checkpoint, { train, validation, test });
  return namedByFileKeys(callUnary(clients.orchestrator, 'createRun', messageOf(CreateRunRequest, { spec })));
}
