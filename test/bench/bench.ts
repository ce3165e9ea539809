/**
 * Throughput of sampling and training at the small shape, beside Hugging Face generate and PyTorch eager where a Python with
 * them is found (HONE_PYTHON, else python3). Ours and the peer take turns, so that both see the same machine.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { createLlamaConfig, type ModelConfig } from '@hone/checkpoint';
import { DecodingEngine } from '@hone/decoding';
import { initializeWeights, trainOnDemonstrations } from '@hone/training';

interface Shape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kv_heads: number;
  readonly feed_forward: number;
  readonly vocab: number;
  readonly threads: number;
}

/** One timed piece of work. */
interface Timing {
  readonly tokens: number;
  readonly seconds: number;
  readonly cpu_seconds: number;
}

const SMALL: Shape = {
  layers: 4,
  hidden: 256,
  heads: 4,
  kv_heads: 4,
  feed_forward: 688,
  vocab: 512,
  threads: availableParallelism(),
};
const SAMPLE = { batch: 32, prompt: 64, new_tokens: 64, repeats: 1 };
const TRAIN = { batch: 8, length: 256, repeats: 3 };
const ROUNDS = 3;

function configOf(shape: Shape): ModelConfig {
  return createLlamaConfig({
    hiddenSize: shape.hidden,
    intermediateSize: shape.feed_forward,
    numLayers: shape.layers,
    numAttentionHeads: shape.heads,
    numKeyValueHeads: shape.kv_heads,
    vocabSize: shape.vocab,
    maxPositionEmbeddings: 1024,
    tieWordEmbeddings: true,
    eosTokenId: 2,
  });
}

const tokensOf = (length: number, vocab: number, salt: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => 3 + ((i * 104_729 + salt * 7_919) % (vocab - 3)));

async function timed(tokens: number, work: () => Promise<unknown>): Promise<Timing> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { tokens, seconds: (performance.now() - started) / 1000, cpu_seconds: (user + system) / 1e6 };
}

/** One prompt, so many samples of so many tokens. */
async function sampler(): Promise<() => Promise<Timing>> {
  const config = configOf(SMALL);
  const engine = await DecodingEngine.load({ config, weights: initializeWeights(config, 1n), threads: SMALL.threads });
  const request = { promptId: 'bench', promptTokenIds: tokensOf(SAMPLE.prompt, SMALL.vocab, 1), n: SAMPLE.batch };
  const params = { temperature: 1, topK: 0, topP: 1, maxTokens: SAMPLE.new_tokens, ignoreEos: true };
  let seed = 0n;
  const run = (): Promise<Timing> =>
    timed(SAMPLE.batch * SAMPLE.new_tokens, async () => {
      for await (const completion of engine.sample([request], params, { seed: seed++ })) void completion;
    });
  await run();
  return run;
}

/** Steps of the training loop; the first, which traces the graph and opens the session, is left out. */
async function trainer(): Promise<Timing> {
  const config = configOf(SMALL);
  const examples = Array.from({ length: TRAIN.batch }, (_, i) => ({
    promptTokenIds: tokensOf(1, SMALL.vocab, i),
    completionTokenIds: tokensOf(TRAIN.length - 1, SMALL.vocab, i),
  }));
  const optimizer = {
    learningRate: 1e-4,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.01,
    maxGradNorm: 1,
    warmupSteps: 0,
  };
  const steps: Timing[] = [];
  let last = { at: performance.now(), cpu: process.cpuUsage() };
  await trainOnDemonstrations({
    config,
    weights: initializeWeights(config, 1n),
    examples,
    loss: { nllReduction: 'TOKEN_MEAN' },
    optimizer: { ...optimizer, schedule: 'constant' },
    batchSize: TRAIN.batch,
    epochs: 1,
    maxSteps: 2 + TRAIN.repeats,
    seed: 1n,
    threads: SMALL.threads,
    onStep: ({ tokens }) => {
      const { user, system } = process.cpuUsage(last.cpu);
      steps.push({ tokens, seconds: (performance.now() - last.at) / 1000, cpu_seconds: (user + system) / 1e6 });
      last = { at: performance.now(), cpu: process.cpuUsage() };
    },
  });
  return fastest(steps.slice(2));
}

const fastest = (timings: readonly Timing[]): Timing =>
  timings.reduce((best, next) => (next.seconds < best.seconds ? next : best));

/** What the peer measures; undefined where there is none. */
function peer(mode: 'sample' | 'train', shape: object): (Timing & { peer: string }) | undefined {
  const script = path.resolve('test/bench/peers/peer.py');
  try {
    const out = execFileSync(
      process.env['HONE_PYTHON'] ?? 'python3',
      [script, mode, JSON.stringify({ ...SMALL, ...shape })],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    return JSON.parse(out.trim().split('\n').at(-1)!) as Timing & { peer: string };
  } catch {
    return undefined;
  }
}

const rate = ({ tokens, seconds }: Timing): number => tokens / seconds;
const cpuRate = ({ tokens, cpu_seconds: seconds }: Timing): number => tokens / seconds;

async function compare(
  title: string,
  ours: () => Promise<Timing>,
  theirs: () => (Timing & { peer: string }) | undefined,
): Promise<void> {
  const own: Timing[] = [];
  const others: (Timing & { peer: string })[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await ours());
    const other = theirs();
    if (other) others.push(other);
  }
  const best = fastest(own);
  console.log(`${title}: Hone ${rate(best).toFixed(0)} tokens/s (${cpuRate(best).toFixed(0)} a CPU second)`);
  if (others.length === 0) {
    console.log('  no peer found: set HONE_PYTHON to a Python with torch and transformers');
    return;
  }
  const peerBest = fastest(others) as Timing & { peer: string };
  console.log(
    `  ${peerBest.peer}: ${rate(peerBest).toFixed(0)} tokens/s (${cpuRate(peerBest).toFixed(0)} a CPU second)`,
  );
  const ratios = [rate(best) / rate(peerBest), cpuRate(best) / cpuRate(peerBest)].map((ratio) => ratio.toFixed(2));
  console.log(`  ratio: ${ratios[0]} in wall time, ${ratios[1]} in CPU time (best of ${ROUNDS} rounds each, in turn)`);
}

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${SMALL.threads} threads, Node ${process.versions.node}`);
console.log(`small shape: ${JSON.stringify(SMALL)}`);
await compare(`sampling, ${JSON.stringify(SAMPLE)}`, await sampler(), () => peer('sample', SAMPLE));
await compare(`training, ${JSON.stringify(TRAIN)}`, trainer, () => peer('train', TRAIN));
console.log(`peak memory of this process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
