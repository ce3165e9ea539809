/**
 * Servers that tests put in the place of the other services: they speak the real contracts and store real artifacts, but
 * compute answers by hashing, so that the engine's own rules can be tested in milliseconds.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ArtifactStore } from '@hone/artifacts';
import {
  CheckpointOrigin,
  digestOfName,
  EvaluateMetadata,
  EvaluateRequest,
  Evaluation,
  EvaluatorServiceService,
  FinishReason,
  PairBuilderServiceService,
  RuleOutput,
  RuleReport,
  PreferenceGroup,
  SamplerServiceService,
  ScorerServiceService,
  TrainerServiceService,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
  unpackInt32,
  packFloat32,
  packInt32,
  Verdict,
  VerdictState,
  WeightPrecision,
  CheckRuleResponse,
  type BuildDatasetRequest,
  type BuildDatasetResponse,
  type CheckRuleRequest,
  type JudgedProblem,
  type SampleRequest,
  type SampleResponse,
  type ScoreRequest,
} from '@hone/contracts';
import { judgedProblems, storeDataset, type TrainingRecord } from '@hone/datasets';
import { invalidArgument, throwIfAborted } from '@hone/errors';
import { OperationRegistry, serverStream, startServer, unary, type OperationKind, type PeerAddresses } from '@hone/rpc';
import { findRule } from '@hone/rules';
import { readSettings } from '@hone/settings';
import { identify } from '@hone/listing';

/** What a test sees and changes. */
export interface PeerHooks {
  /** Every call, in order: "sample", "score", "buildDataset", "train", "evaluate". */
  readonly calls: string[];
  /** Runs before the call of this name does its work; may wait, or throw what the call then fails with. */
  before: (call: string, signal: AbortSignal) => Promise<void>;
  /** The addresses of the samplers that evaluations were asked to use; empty for the deployment's own. */
  readonly samplersOfEvaluations: Set<string>;
  /** What the trainer was asked for. */
  readonly trainings: TrainRequest[];
  /** Share of right answers among the samples, in 1/256. */
  rightOf256: number;
}

function hashOf(...parts: (string | bigint | number)[]): Buffer {
  return createHash('sha256').update(parts.join('\0')).digest();
}

/** Starts all peers on loopback. */
export async function startPeers(store: ArtifactStore) {
  const hooks: PeerHooks = {
    ...{ calls: [], samplersOfEvaluations: new Set(), trainings: [], before: async () => undefined, rightOf256: 128 },
  };
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-peers-'));
  const [trainerOperations, evaluatorOperations] = (await Promise.all(
    ['trainer', 'evaluator'].map((role) => OperationRegistry.open({ folder: path.join(folder, role) })),
  )) as [OperationRegistry, OperationRegistry];
  const enter = async (call: string, signal: AbortSignal): Promise<void> => {
    hooks.calls.push(call);
    await hooks.before(call, signal);
    throwIfAborted(signal);
  };
  const address = '127.0.0.1:0';
  const servers = await Promise.all([
    startServer({ address, services: [samplerBinding(hooks, enter)] }),
    startServer({ address, services: [scorerBinding(enter)] }),
    startServer({ address, services: [pairBuilderBinding(store, enter)] }),
    startServer({
      address,
      services: [trainerBinding(store, trainerOperations, hooks, enter), trainerOperations.service],
    }),
    startServer({
      address,
      services: [evaluatorBinding(store, evaluatorOperations, hooks, enter), evaluatorOperations.service],
    }),
  ]);
  const [sampler, scorer, pairBuilder, trainer, evaluator] = servers.map((server) => server.address);
  const addresses = { sampler, scorer, 'pair-builder': pairBuilder, trainer, evaluator } as PeerAddresses;
  const close = async (): Promise<void> => {
    await Promise.all([trainerOperations.close(), evaluatorOperations.close()]);
    await Promise.all(servers.map((server) => server.close(0)));
    await rm(folder, { recursive: true });
  };
  return { hooks, addresses, close };
}

type Enter = (call: string, signal: AbortSignal) => Promise<void>;

function samplerBinding(hooks: PeerHooks, enter: Enter) {
  const sample = serverStream(async function* (request: SampleRequest, { signal }): AsyncGenerator<SampleResponse> {
    await enter('sample', signal);
    for (const { id } of request.prompts) {
      yield { event: { $case: 'prompt', value: { promptId: id, tokenIds: packInt32([1, 2, 3]) } } };
    }
    // The last sample first: the order must not matter to the caller.
    for (let sampleIndex = request.n - 1; sampleIndex >= 0; sampleIndex--) {
      for (const { id, templateDigest } of request.prompts) {
        const drawn = hashOf(request.checkpoint, request.seed, id, sampleIndex);
        const value = {
          promptId: id,
          sampleIndex,
          tokenIds: packInt32([...drawn.subarray(0, 4)]),
          logProbs: packFloat32([-1, -0.5, -0.25, -2]),
          text: drawn[0]! < hooks.rightOf256 ? '#### 1' : '#### 2',
          finishReason: FinishReason.STOP,
          seed: request.seed,
          checkpoint: request.checkpoint,
          templateDigest,
          templateDate: '',
          weightPrecision: request.sampling!.weightPrecision,
          engine: 'hashing',
          exactLogProbs: request.sampling!.weightPrecision !== WeightPrecision.INT8,
        };
        yield { event: { $case: 'completion', value } };
      }
    }
    const usage = { seconds: 1, cpuSeconds: 0.5, peakMemoryBytes: 1000n, tokens: 7n };
    yield { event: { $case: 'summary', value: { completions: 0, usage, promptTokens: 0n } } };
  });
  const computeLogProbs = unary(async () => ({ logProbs: [] }));
  return { definition: SamplerServiceService, implementation: { sample, computeLogProbs } };
}

function scorerBinding(enter: Enter) {
  const score = unary(async ({ items, scorer }: ScoreRequest, { signal }) => {
    await enter('score', signal);
    const verdicts = items.map(({ id, completion, gold }) =>
      Verdict.fromPartial({
        id,
        state: VerdictState.SCORED,
        extractedAnswer: completion.split(' ').at(-1)!,
        normalGold: gold,
        score: completion.endsWith(` ${gold}`) ? 1 : 0,
        scorer,
        scorerVersion: '7',
      }),
    );
    return { verdicts, usage: { seconds: 1, cpuSeconds: 0.25, peakMemoryBytes: 3000n, tokens: 0n } };
  });
  const listScorers = unary(async () => ({
    scorers: [{ name: 'gsm8k', version: '7', description: '', settings: {} }],
    nextPageToken: '',
  }));
  return { definition: ScorerServiceService, implementation: { score, listScorers } };
}

function groupOf({ problemId, promptTokenIds, completions }: JudgedProblem): PreferenceGroup | undefined {
  const chosen = completions.findIndex(({ verdict }) => verdict!.score === 1);
  const rejected = completions.findIndex(({ verdict }) => verdict!.score === 0);
  if (chosen < 0 || rejected < 0) return undefined;
  const used = [completions[chosen]!, completions[rejected]!].map(({ completion }) => ({
    tokenIds: completion!.tokenIds,
    referenceLogProb: -3.75,
    sampledLogProbs: Buffer.alloc(0),
    sampleIndex: completion!.sampleIndex,
    text: '',
    chat: undefined,
  }));
  const pairs = [{ chosen: 0, rejected: 1, rule: '' }];
  return { problemId, promptTokenIds, promptText: '', promptChat: undefined, completions: used, pairs, source: 0 };
}

/** Its rule takes the first right completion over the first wrong one; it checks settings as the paper's rule does. */
function pairBuilderBinding(store: ArtifactStore, enter: Enter) {
  async function* groups(request: BuildDatasetRequest, report: RuleReport): AsyncGenerator<TrainingRecord> {
    const [source] = request.sources;
    const rows = { completions: source!.completions!.digest, verdicts: source!.verdicts!.digest };
    for await (const problem of judgedProblems(store, rows)) {
      report.problems += 1;
      for (const { verdict } of problem.completions) {
        if (verdict!.score === 1) report.completions!.correct += 1;
        else report.completions!.wrong += 1;
      }
      const value = groupOf(problem);
      if (!value) report.problemsAllWrong += 1;
      else {
        report.problemsUsed += 1;
        report.pairs += 1;
        const drawn = problem.completions.map(({ completion }) => completion!);
        if (!drawn[0]!.exactLogProbs) report.inexactLogProbs += value.completions.length;
        if (unpackInt32(value.promptTokenIds, 'prompt').length !== 3) throw new Error('no prompt');
        yield { $case: 'group', value };
      }
    }
  }
  const buildDataset = serverStream(async function* (
    request: BuildDatasetRequest,
    { signal },
  ): AsyncGenerator<BuildDatasetResponse> {
    await enter('buildDataset', signal);
    const report = RuleReport.fromPartial({ rule: 'first/1', completions: {} });
    const dataset = await storeDataset(store, groups(request, report), { signal });
    const usage = { seconds: 1, cpuSeconds: 0.125, peakMemoryBytes: 2000n, tokens: 0n };
    yield {
      message: { $case: 'progress', value: { done: 1n, total: BigInt(request.sources[0]!.completions!.count) } },
    };
    yield { message: { $case: 'result', value: { dataset, report, usage } } };
  });
  const checkRule = unary(async ({ rule }: CheckRuleRequest) => {
    const known = findRule(rule!.name);
    if (!known) throw invalidArgument('rule.name', 'is none');
    const settings = readSettings(known.settings, rule!.settings ?? {}, 'rule.settings');
    const outputs = { pairs: RuleOutput.PAIRS, examples: RuleOutput.EXAMPLES, advantages: RuleOutput.ADVANTAGES };
    const produces = outputs[known.produces];
    return CheckRuleResponse.fromPartial({ rule: { name: known.name, produces, needs: known.needs }, settings });
  });
  return { definition: PairBuilderServiceService, implementation: { buildDataset, checkRule } };
}

function trainerBinding(store: ArtifactStore, operations: OperationRegistry, hooks: PeerHooks, enter: Enter) {
  const work = async (request: TrainRequest, signal: AbortSignal): Promise<TrainResponse> => {
    hooks.trainings.push(request);
    await enter('train', signal);
    const content = hashOf(request.checkpoint, request.dataset, request.seed).toString('hex');
    const { digest } = await store.createFolder((folder) => writeFile(path.join(folder, 'weights'), content));
    return TrainResponse.fromPartial({
      checkpoint: {
        name: `checkpoints/${digest}`,
        origin: CheckpointOrigin.TRAINED,
        parent: request.checkpoint,
        dataset: request.dataset,
        parameterCount: 64n,
        sizeBytes: 64n,
        recipeJson: '{"kind":"train"}',
        displayName: request.displayName,
      },
      first: { step: 1, chosenReward: 0 },
      last: { step: 10, chosenReward: -0.2, chosenLogProb: -5 },
      steps: 10,
      warnings: ['the trainer warns'],
      usage: { seconds: 2, tokens: 100n },
    });
  };
  const training: OperationKind<TrainRequest, TrainMetadata, TrainResponse> = {
    method: 'hone.trainer.v1.TrainerService/Train',
    request: TrainRequest,
    metadata: TrainMetadata,
    response: TrainResponse,
    typeNames: { metadata: 'hone.trainer.v1.TrainMetadata', response: 'hone.trainer.v1.TrainResponse' },
    progressOf: ({ step }) => step,
    work: (request, { signal, name, report }) => {
      report(TrainMetadata.fromPartial({ operation: name, step: 3, totalSteps: 10, last: { loss: 0.5 } }));
      return work(request, signal);
    },
  };
  const train = unary((request: TrainRequest) => operations.start(training, request, identify(TrainRequest, request)));
  const unused = unary(async () => Promise.reject(new Error('not used')));
  const implementation = { train, initializeCheckpoint: unused, watchTraining: unused };
  return { definition: TrainerServiceService, implementation };
}

function evaluatorBinding(store: ArtifactStore, operations: OperationRegistry, hooks: PeerHooks, enter: Enter) {
  const work = async (request: EvaluateRequest, signal: AbortSignal): Promise<Evaluation> => {
    hooks.samplersOfEvaluations.add(request.sampler?.address ?? '');
    await enter('evaluate', signal);
    const accuracy = hashOf(request.checkpoint, request.problemSet)[0]! / 256;
    const { checkpoint, problemSet, seed } = request;
    const { digest } = await store.putJsonLines([{ checkpoint, problemSet, seed: String(seed) }]);
    return Evaluation.fromPartial({
      name: `evaluations/${digest}`,
      checkpoint: request.checkpoint,
      problemSet: request.problemSet,
      greedy: { accuracy, correct: accuracy * 256, total: 256, lower: accuracy, upper: accuracy },
      usage: { seconds: 3 },
    });
  };
  const evaluation: OperationKind<EvaluateRequest, EvaluateMetadata, Evaluation> = {
    method: 'hone.evaluator.v1.EvaluatorService/Evaluate',
    request: EvaluateRequest,
    metadata: EvaluateMetadata,
    response: Evaluation,
    typeNames: { metadata: 'hone.evaluator.v1.EvaluateMetadata', response: 'hone.evaluator.v1.Evaluation' },
    progressOf: ({ done }) => done,
    work: (request, { signal }) => work(request, signal),
  };
  const evaluate = unary(async (request: EvaluateRequest) => {
    digestOfName('problemSets', request.problemSet, 'problem_set');
    return operations.start(evaluation, request, identify(EvaluateRequest, request));
  });
  return { definition: EvaluatorServiceService, implementation: { evaluate } };
}
