/** The runs that are recorded, on services of their own. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ArtifactStore } from '@hone/artifacts';
import { GetCheckpointRequest, GetRunRequest, RunState, type Problem, type Run, type RunSpec } from '@hone/contracts';
import { callClientStream, callServerStream, callUnary } from '@hone/rpc';
import type { Platform } from '../e2e/platform.ts';
import { demonstrations, modelRequest, problems, runSpec } from '../e2e/sums.ts';
import { fullRunSpec } from './full-run.ts';
import { factsOf, type RunFacts, type Source } from './facts.ts';

const HONE = fileURLToPath(new URL('../../dist/cli/main.mjs', import.meta.url));

/** The plain run on the sums, and the one that has everything. */
export async function makeSumsRuns(platform: Platform): Promise<Record<string, RunFacts>> {
  const { name: checkpoint } = await callUnary(platform.trainer, 'initializeCheckpoint', modelRequest());
  const problemSet = await uploadProblems(platform, problems());
  const plain = await finish(platform, runSpec({ checkpoint, problemSet, dataset: await uploadExamples(platform) }));
  const full = await finish(
    platform,
    fullRunSpec({
      checkpoint: plain.iterations[0]!.checkpoint,
      problemSet,
      validation: await uploadProblems(
        platform,
        problems().filter((_, at) => at % 3 === 1),
      ),
    }),
  );
  const source = await sourceOf(platform);
  return { sums: await factsOf(plain, source), 'sums with selection, schedule and LoRA': await factsOf(full, source) };
}

export const demoName = (seed: number): string => `demo, seed ${seed}`;

/** `hone demo --from-scratch`, in minutes. */
export async function makeDemoRun(platform: Platform, seed: number): Promise<RunFacts> {
  const flags = ['--server', platform.server, 'demo', '--from-scratch', '--seed', String(seed), '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [HONE, ...flags], { maxBuffer: 1 << 26 });
  const { run } = JSON.parse(stdout) as { run: string };
  return factsOf(await getRun(platform, run), await sourceOf(platform));
}

async function* messages<Item, Message>(items: readonly Item[], message: (item: Item) => Message) {
  for (const item of items) yield message(item);
}

async function uploadProblems({ uploads }: Platform, set: readonly Problem[]): Promise<string> {
  const requests = messages(set, (problem) => ({ problem }));
  return (await callClientStream(uploads, 'uploadProblemSet', requests)).name;
}

async function uploadExamples({ uploads }: Platform): Promise<string> {
  const requests = messages(demonstrations(), (value) => ({ record: { $case: 'example' as const, value } }));
  return (await callClientStream(uploads, 'uploadDataset', requests)).name;
}

const getRun = ({ orchestrator }: Platform, name: string): Promise<Run> =>
  callUnary(orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));

/** Creates a run and watches it to its end, which must be a good one. */
async function finish(platform: Platform, spec: RunSpec): Promise<Run> {
  const request = { requestId: '', spec, validateOnly: false };
  const { name } = await callUnary(platform.orchestrator, 'createRun', request);
  const events = callServerStream(platform.orchestrator, 'watchRun', { name, afterEvent: 0n });
  while (!(await events.next()).done);
  const run = await getRun(platform, name);
  if (run.state !== RunState.SUCCEEDED) throw new Error(`${spec.displayName}: ${run.state} ${run.error}`);
  return run;
}

async function sourceOf({ folder, orchestrator }: Platform): Promise<Source> {
  return {
    store: await ArtifactStore.open(path.join(folder, 'store')),
    adapterOf: async (name) => {
      const request = GetCheckpointRequest.fromPartial({ name });
      const { recipeJson } = await callUnary(orchestrator, 'getCheckpoint', request);
      return (JSON.parse(recipeJson || '{}') as { adapter?: string }).adapter;
    },
  };
}
