/** An evaluator over peers that are known, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  EvaluateMetadata,
  EvaluateRequest,
  Evaluation,
  EvaluatorServiceClient,
  FinishReason,
  messageOf,
  OperationsClient,
  Problem,
  SampleResponse,
  SamplerServiceService,
  ScorerServiceService,
  ScoreResponse,
  VerdictState,
  type PartialMessage,
  type ProblemSet,
  type SampleRequest,
  type ScoreRequest,
} from '@hone/contracts';
import { uploadProblemSet } from '@hone/datasets';
import {
  awaitOperation,
  callUnary,
  connect,
  serverStream,
  startServer,
  unary,
  type ServiceBinding,
  type ServiceOptions,
} from '@hone/rpc';
import { createEvaluatorService } from '../server.ts';

export const CHECKPOINT = `checkpoints/${'c'.repeat(64)}`;

/** A store of its own and what was started on it; all of it is gone after `clean`. */
export class Bench {
  readonly storeDir: string;
  private readonly cleanups: (() => unknown)[];

  private constructor(storeDir: string) {
    this.storeDir = storeDir;
    this.cleanups = [() => rm(storeDir, { recursive: true })];
  }

  static async create(): Promise<Bench> {
    return new Bench(await mkdtemp(path.join(tmpdir(), 'hone-evaluator-')));
  }

  async clean(): Promise<void> {
    for (const clean of this.cleanups.reverse()) await clean();
  }

  /** Serves on a free port. */
  async serve(...services: ServiceBinding[]): Promise<string> {
    const server = await startServer({ address: '127.0.0.1:0', services });
    this.cleanups.push(() => server.close(100));
    return server.address;
  }

  /** A running evaluator over these peers, with its clients. */
  async evaluator(sampler: ServiceBinding, scorer: ServiceBinding = comparingScorer) {
    const [samplerAddress, scorerAddress] = [await this.serve(sampler), await this.serve(scorer)];
    const peers = { sampler: samplerAddress, scorer: scorerAddress } as ServiceOptions['peers'];
    const parts = await createEvaluatorService({ storeDir: this.storeDir, peers, logger: undefined as never });
    this.cleanups.push(() => parts.close());
    const address = await this.serve(...parts.services);
    const client = connect(EvaluatorServiceClient, address);
    const operations = connect(OperationsClient, address);
    this.cleanups.push(() => client.close());
    this.cleanups.push(() => operations.close());
    const store = await ArtifactStore.open(this.storeDir);
    const upload = (problems: Iterable<Problem>): Promise<ProblemSet> =>
      uploadProblemSet(store, toStream(problems), { signal: new AbortController().signal });
    const evaluate = async (fields: PartialMessage<EvaluateRequest>, signal?: AbortSignal) => {
      const defaults = { checkpoint: CHECKPOINT, scorer: { name: 'compare' } };
      const request = messageOf(EvaluateRequest, { ...defaults, ...fields });
      const operation = await callUnary(client, 'evaluate', request);
      const progress: EvaluateMetadata[] = [];
      const evaluation = await awaitOperation({
        client: operations,
        operation,
        response: Evaluation,
        metadata: EvaluateMetadata,
        onMetadata: (metadata: EvaluateMetadata) => progress.push(metadata),
        signal,
        pollMs: 20,
      });
      return { evaluation, progress };
    };
    return { client, upload, evaluate };
  }
}

/** A sampler whose "model" says what it is told to, so that the expected figures are known. */
export function samplerSaying(
  say: (promptId: string, index: number, request: SampleRequest) => string,
): ServiceBinding {
  async function* sample(request: SampleRequest): AsyncGenerator<SampleResponse> {
    // The last prompt's samples first: results must not depend on the order in which completions finish.
    for (const prompt of [...request.prompts].reverse()) {
      for (let sampleIndex = 0; sampleIndex < request.n; sampleIndex++) {
        const text = say(prompt.id, sampleIndex, request);
        const finishReason = text === '' ? FinishReason.LENGTH : FinishReason.STOP;
        const value = { promptId: prompt.id, sampleIndex, text, finishReason };
        yield SampleResponse.fromPartial({ event: { $case: 'completion', value } });
      }
    }
    const usage = { seconds: 1, cpuSeconds: 2, peakMemoryBytes: 1000n, tokens: BigInt(request.prompts.length) };
    yield SampleResponse.fromPartial({ event: { $case: 'summary', value: { usage } } });
  }
  const implementation = {
    sample: serverStream(sample),
    computeLogProbs: unary(() => Promise.reject(new Error('not needed here'))),
  };
  return { definition: SamplerServiceService, implementation };
}

/** Compares the whole completion with the gold answer; "?" states no answer and "!" makes it fail. */
export const comparingScorer: ServiceBinding = {
  definition: ScorerServiceService,
  implementation: {
    listScorers: unary(() => Promise.reject(new Error('not needed here'))),
    score: unary(async ({ items }: ScoreRequest) => {
      const verdicts = items.map(({ id, completion, gold, finishReason }) => {
        if (finishReason === FinishReason.LENGTH) return { id, state: VerdictState.TRUNCATED };
        if (completion === '?') return { id, state: VerdictState.UNSCORABLE };
        if (completion === '!') return { id, state: VerdictState.ERROR, message: 'broken on purpose' };
        const score = completion === gold ? 1 : 0;
        return { id, state: VerdictState.SCORED, score, extractedAnswer: completion, scorerVersion: '7' };
      });
      return ScoreResponse.fromPartial({ verdicts });
    }),
  },
};

async function* toStream(problems: Iterable<Problem>) {
  for (const problem of problems) yield { problem };
}

export const problem = (id: string, gold: string): Problem =>
  Problem.fromPartial({
    id,
    gold,
    prompt: { id, content: { $case: 'text', value: `question ${id}` }, templateDigest: 'f'.repeat(64) },
  });
export const four = ['a', 'b', 'c', 'd'].map((id) => problem(id, 'yes'));
export const VOTING = { k: 3, sampling: { temperature: 1, topP: 1 } };
