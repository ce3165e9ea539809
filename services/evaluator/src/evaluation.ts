import type { ArtifactStore } from '@hone/artifacts';
import {
  Evaluation,
  nameOfDigest,
  ScorerServiceClient,
  type EvaluateMetadata,
  type EvaluateRequest,
  type ResourceUsage,
} from '@hone/contracts';
import { throwIfAborted } from '@hone/errors';
import { connect, type RunningOperation } from '@hone/rpc';
import type { EvaluateOptions } from './evaluate.ts';
import { judgedSamples, type PassOptions } from './judged-samples.ts';
import { greedyAccuracy, majorityResult } from './measures.ts';
import { ProblemSource } from './problem-source.ts';
import type { CheckedRequest, Pass } from './request-rules.ts';
import { Tally } from './tally.ts';

/** Measures a checkpoint: a greedy pass and a voting pass over the problems, each where asked for. */
export async function runEvaluation(
  request: EvaluateRequest,
  checked: CheckedRequest,
  operation: RunningOperation<EvaluateMetadata>,
  { store, sampler, scorerAddress }: EvaluateOptions,
): Promise<Evaluation> {
  const started = performance.now();
  const problems = new ProblemSource(store, checked.problemSetDigest, checked.limit);
  const { ids, templateDigests } = await problems.survey();
  const scorer = connect(ScorerServiceClient, request.scorer?.address || scorerAddress);
  const usage = new UsageSum();
  const progress = new Progress(ids.length, [checked.greedy, checked.majority], operation);
  const measure = async (pass: Pass | undefined): Promise<Tally | undefined> => {
    if (!pass) return undefined;
    const { checkpoint, scorerName } = checked;
    const { seed } = request;
    const { signal } = operation;
    const onUsage = (used: ResourceUsage): void => usage.add(used);
    const options: PassOptions = { ...pass, sampler, scorer, scorerName, checkpoint, seed, signal, onUsage };
    const tally = new Tally(ids.length);
    for await (const judged of judgedSamples(problems.all(), options)) {
      tally.add(judged);
      progress.advance();
    }
    return tally;
  };
  try {
    const greedy = await measure(checked.greedy);
    const majority = await measure(checked.majority);
    throwIfAborted(operation.signal);
    const measured = Evaluation.fromPartial({
      checkpoint: request.checkpoint,
      problemSet: request.problemSet,
      scorer: request.scorer!,
      scorerVersion: greedy?.scorerVersion || majority?.scorerVersion || '',
      spec: request.spec!,
      seed: request.seed,
      templateDigests,
      greedy: greedy && greedyAccuracy(greedy),
      greedyCompletions: greedy?.counts,
      majority: majority && majorityResult(majority, checked.majority!.n),
    });
    const name = await storeEvaluation(store, measured, ids, { greedy, majority });
    return { ...measured, name, usage: usage.total((performance.now() - started) / 1000) };
  } finally {
    scorer.close();
  }
}

/** Publishes how many completions are judged. */
class Progress {
  private done = 0;
  private readonly total: number;
  private readonly operation: RunningOperation<EvaluateMetadata>;

  constructor(problems: number, passes: (Pass | undefined)[], operation: RunningOperation<EvaluateMetadata>) {
    this.total = problems * passes.reduce((sum, pass) => sum + (pass?.n ?? 0), 0);
    this.operation = operation;
    operation.report({ done: 0, total: this.total });
  }

  advance(): void {
    this.done += 1;
    this.operation.report({ done: this.done, total: this.total });
  }
}

/** Adds up what the calls of the sampler used; they run one after the other. */
class UsageSum {
  private cpuSeconds = 0;
  private peakMemoryBytes = 0n;
  private tokens = 0n;

  add(used: ResourceUsage): void {
    this.cpuSeconds += used.cpuSeconds;
    this.tokens += used.tokens;
    if (used.peakMemoryBytes > this.peakMemoryBytes) this.peakMemoryBytes = used.peakMemoryBytes;
  }

  total(seconds: number): ResourceUsage {
    const { cpuSeconds, peakMemoryBytes, tokens } = this;
    return { seconds, cpuSeconds, peakMemoryBytes, tokens };
  }
}

/**
 * Stores what was measured: the evaluation, then a row for each problem with its outcomes. Times are left out, so that the
 * same evaluation has the same name whenever it is made.
 */
async function storeEvaluation(
  store: ArtifactStore,
  measured: Evaluation,
  ids: readonly string[],
  { greedy, majority }: { greedy: Tally | undefined; majority: Tally | undefined },
): Promise<string> {
  function* rows(): Generator<object> {
    yield Evaluation.toJSON(measured) as object;
    for (const [index, problemId] of ids.entries()) {
      yield { problemId, greedy: greedy?.byProblem[index]?.[0], majority: majority?.byProblem[index] };
    }
  }
  const { digest } = await store.putJsonLines(rows());
  return nameOfDigest('evaluations', digest);
}
