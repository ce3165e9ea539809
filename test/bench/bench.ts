/**
 * `npm run bench [NAME …]`: throughput, CPU time and memory of sampling and training, beside peers where a Python that has them
 * is found (HONE_PYTHON, else python3). Ours and the peers take turns, each in a process of its own, so that all see the same
 * machine; the best round of each counts. HONE_BENCH_VERBOSE=1 shows what the peers say.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, runMeasured, together, type Measurement } from './measure.ts';
import { pairLines } from './pairs.ts';
import { SHAPES, type ShapeName } from './shapes.ts';
import { benchScoring } from './scoring.ts';
import { benchStreams } from './streams.ts';
import type { SamplePhase } from './tasks/iteration.ts';

const ROUNDS = Number(process.env['HONE_BENCH_ROUNDS'] ?? 2);
const threads = availableParallelism();
const python = process.env['HONE_PYTHON'] ?? 'python3';
const child = fileURLToPath(new URL('./child.mjs', import.meta.url));

interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly settings: object;
  readonly hone: () => Promise<Measurement | undefined>;
  /** Scripts of test/bench/peers. */
  readonly peers: readonly string[];
  /** What peers read from files: the name of the setting that says where, and what is in the file. */
  readonly files?: Readonly<Record<string, string>>;
}

const hone = (task: string, settings: object) => () =>
  runMeasured(process.execPath, [child, task, JSON.stringify(settings)]);

function sampling(shape: ShapeName, batch: number): Comparison {
  const settings = { shape, batch, prompt: 64, new_tokens: 64, repeats: shape === 'small' ? 8 : 3 };
  // As the sampler does: a small model in a process a core, each with a share of the samples.
  const processes = shape === 'small' ? threads : 1;
  const share = { ...settings, batch: batch / processes, threads: threads / processes };
  return {
    name: `sampling, ${shape}, batch ${batch}`,
    unit: 'tokens',
    settings,
    hone: async () => together(await Promise.all(Array.from({ length: processes }, hone('sample', share)))),
    peers: ['hf_generate.py', 'llamacpp.py', 'genai.py'],
  };
}

function training(shape: ShapeName): Comparison {
  const settings = { shape, batch: 8, length: 256, repeats: shape === 'small' ? 10 : 3 };
  const task = hone('train', { ...settings, threads });
  return { name: `training, ${shape}`, unit: 'tokens', settings, hone: task, peers: ['pytorch_train.py'] };
}

function preferences(shape: ShapeName): Comparison {
  const settings = { shape, problems: 16, completions: 30, pairs: 10, prompt: 64, completion: 48, batch: 2 };
  const task = hone('preference', { ...settings, threads });
  const files = { pairs_file: pairLines(settings) };
  return { name: `preference pairs, ${shape}`, unit: 'pairs', settings, hone: task, peers: ['trl_dpo.py'], files };
}

/** Samples, pairs of them, one epoch, and a greedy evaluation: everything of an iteration that computes. */
function iteration(shape: ShapeName): Comparison {
  const data = { problems: 32, completions: 30, pairs: 10, prompt: 64, completion: 48 };
  // The mean length of the completions of the pairs.
  const settings = { shape, ...data, new_tokens: 72, batch: 2, test_problems: 64 };
  const sampled = async (phase: Pick<SamplePhase, 'prompts' | 'samples' | 'temperature' | 'loaded'>) => {
    const shared = { shape, threads: 1, prompt: data.prompt, new_tokens: settings.new_tokens, ...phase };
    const shares = Array.from({ length: threads }, (_, first) => ({ ...shared, share: { first, of: threads } }));
    return together(await Promise.all(shares.map((share) => hone('sample-phase', share)())));
  };
  const own = async () =>
    inTurn([
      await sampled({ prompts: data.problems, samples: data.completions, temperature: 1, loaded: true }),
      await hone('train-phase', { ...settings, threads })(),
      await sampled({ prompts: settings.test_problems, samples: 1, temperature: 0, loaded: false }),
    ]);
  const files = { pairs_file: pairLines({ shape, ...data }) };
  return { name: `one iteration, ${shape}`, unit: 'iterations', settings, hone: own, peers: ['iteration.py'], files };
}

const COMPARISONS: readonly Comparison[] = [
  sampling('small', 32),
  ...[1, 8, 32].map((batch) => sampling('medium', batch)),
  training('small'),
  training('medium'),
  preferences('small'),
  iteration('small'),
];

const fastest = (all: readonly (Measurement | undefined)[]): Measurement | undefined =>
  all.reduce(
    (best, next) => (next && (!best || next.seconds / next.items < best.seconds / best.items) ? next : best),
    undefined,
  );

const rate = (value: number): string => (value < 10 ? value.toPrecision(3) : value.toFixed(1));

function line(unit: string, { name, items, seconds, cpu_seconds: cpu, peak_bytes: peak }: Measurement): string {
  const rates = `${rate(items / seconds)} ${unit}/s, ${rate(items / cpu)} a CPU second`;
  return `  ${name}: ${rates}, peak memory ${(peak / 2 ** 20).toFixed(0)} MiB`;
}

async function compare({ name, unit, settings, hone: own, peers, files }: Comparison, folder: string): Promise<void> {
  console.log(`\n${name}: ${JSON.stringify(settings)}`);
  const { shape } = settings as { shape: ShapeName };
  const paths = Object.entries(files ?? {}).map(([setting, text]) => {
    const file = path.join(folder, setting);
    writeFileSync(file, text);
    return [setting, file] as const;
  });
  const peerSettings = JSON.stringify({ ...settings, threads, model: SHAPES[shape], ...Object.fromEntries(paths) });
  const ours: (Measurement | undefined)[] = [];
  const theirs = new Map<string, (Measurement | undefined)[]>(peers.map((peer) => [peer, []]));
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await own());
    for (const peer of peers) {
      theirs.get(peer)!.push(await runMeasured(python, [path.resolve('test/bench/peers', peer), peerSettings]));
    }
  }
  const best = fastest(ours);
  if (!best) throw new Error(`${name} failed; HONE_BENCH_VERBOSE=1 shows why`);
  console.log(line(unit, best));
  for (const [peer, measured] of theirs) {
    const other = fastest(measured);
    if (!other) {
      console.log(
        `  ${peer}: not found (HONE_PYTHON names a Python that has it; HONE_BENCH_VERBOSE=1 shows what it says)`,
      );
      continue;
    }
    const ratios = [
      best.items / best.seconds / (other.items / other.seconds),
      best.items / best.cpu_seconds / (other.items / other.cpu_seconds),
      best.peak_bytes / other.peak_bytes,
    ].map((ratio) => ratio.toFixed(2));
    console.log(line(unit, other));
    console.log(`    Hone: ${ratios[0]} times its speed, ${ratios[1]} in CPU time, with ${ratios[2]} of its memory`);
  }
}

const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.some((part) => name.includes(part));
const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
const memory = `${gibibytes(freemem())} of ${gibibytes(totalmem())} GiB free`;
console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${threads} threads, ${memory}, Node ${process.versions.node}`);
const folder = mkdtempSync(path.join(tmpdir(), 'hone-bench-'));
try {
  for (const comparison of COMPARISONS) {
    if (isWanted(comparison.name)) await compare(comparison, folder);
  }
  await benchStreams(isWanted);
  await benchScoring(isWanted);
} finally {
  rmSync(folder, { recursive: true });
}
