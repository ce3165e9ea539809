/**
 * A run over many completions: the orchestrator's memory must not grow with them. The other services are made up here, for what
 * they compute is not what is measured. `npm run bench orchestrator`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  CreateRunRequest,
  GetRunRequest,
  messageOf,
  OrchestratorServiceClient,
  Problem,
  RunState,
  WatchRunRequest,
} from '@hone/contracts';
import { callClientStream, callServerStream, callUnary, connect } from '@hone/rpc';
import { importMessages, MODEL_FILES, MODEL_FOLDER } from '../testing/import-messages.ts';
import { startPeers } from '../testing/peers.ts';
import { afterAll, bench } from 'vitest';

const SAMPLES = 30;
const SIZES = [100_000, 1_000_000];

async function* problemRows(count: number): AsyncGenerator<object> {
  for (let index = 0; index < count; index++) {
    const id = `p${index}`;
    const content = { $case: 'text' as const, value: `What is ${index} and ${index + 1} and what comes after them?` };
    yield Problem.toJSON(Problem.fromPartial({ id, prompt: { id, content }, gold: '1' })) as object;
  }
}

/** The orchestrator as it is built, in a process of its own. */
async function startOrchestrator(flags: readonly string[]) {
  const main = path.join(import.meta.dirname, '../../../../dist/orchestrator/main.mjs');
  const child = spawn(process.execPath, [main, '--address', '127.0.0.1:0', ...flags], {
    env: { ...process.env, HONE_PARENT_PIPE: '1', HONE_LOG_LEVEL: 'warn' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { address, pid } = JSON.parse(line.toString()) as { address: string; pid: number };
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { address, pid, end };
}

/** Resident memory of a process now and at its peak, in MiB. */
async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = (name: string): number => Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1] ?? 0);
  return { now: kibibytes('VmRSS') / 1024, peak: kibibytes('VmHWM') / 1024 };
}

async function run(completions: number): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-bench-'));
  const store = await ArtifactStore.open(path.join(folder, 'store'));
  const peers = await startPeers(store);
  const addresses = Object.entries(peers.addresses).flatMap(([role, address]) => [`--${role}`, address]);
  const folders = ['--store', path.join(folder, 'store'), '--state', path.join(folder, 'state')];
  const service = await startOrchestrator([...folders, ...addresses]);
  const orchestrator = connect(OrchestratorServiceClient, service.address);
  try {
    const messages = importMessages(MODEL_FOLDER, MODEL_FILES, 'base');
    const base = await callClientStream(orchestrator, 'importCheckpoint', messages);
    const problems = await store.putJsonLines(problemRows(Math.ceil(completions / SAMPLES)));
    const problemSet = `problemSets/${problems.digest}`;
    const before = await memoryOf(service.pid);
    const started = performance.now();
    const spec = {
      baseCheckpoint: base.name,
      trainProblemSet: problemSet,
      testProblemSet: problemSet,
      scorer: { name: 'gsm8k' },
      settings: {
        iterations: 1,
        samples_per_problem: SAMPLES,
        sampling: { temperature: 1, max_tokens: 8 },
        pairs: { per_problem: 10 },
        training: { learning_rate: 1e-4, batch_size: 8 },
        evaluation: { max_tokens: 8 },
      },
    };
    const { name } = await callUnary(orchestrator, 'createRun', messageOf(CreateRunRequest, { spec }));
    const events = callServerStream(orchestrator, 'watchRun', WatchRunRequest.fromPartial({ name }));
    while (!(await events.next()).done);
    const ended = await callUnary(orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));
    if (ended.state !== RunState.SUCCEEDED) throw new Error(`the run is ${ended.state}: ${ended.error}`);
    const seconds = (performance.now() - started) / 1000;
    const { now, peak } = await memoryOf(service.pid);
    const each = `${((1e6 * seconds) / completions).toFixed(0)} µs each`;
    return (
      `${completions} completions: ${seconds.toFixed(1)} s, ${each}; the orchestrator's memory ${before.now.toFixed(0)} MiB ` +
      `before, ${peak.toFixed(0)} at its peak, ${now.toFixed(0)} at the end`
    );
  } finally {
    orchestrator.close();
    await service.end();
    await peers.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const lines: string[] = [];
for (const size of SIZES) {
  // Once: it takes minutes, and memory is what counts.
  const once = { iterations: 1, time: 0, warmupIterations: 0, warmupTime: 0 };
  bench(`a run over ${size} completions`, async () => void lines.push(await run(size)), once);
}
afterAll(() => console.log(lines.join('\n')));
