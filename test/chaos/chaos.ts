/** Runs of the whole loop among services that are killed at random moments: what they make must be what an undisturbed run makes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArtifactStore, collect, verifyStore } from '@hone/artifacts';
import {
  GetRunRequest,
  ResumeRunRequest,
  ListReferencedArtifactsRequest,
  OrchestratorServiceClient,
  RunState,
  TrainerServiceClient,
  UploadServiceClient,
  type Run,
  type RunSpec,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callClientStream, callServerStream, callUnary, connect } from '@hone/rpc';
import { buildServices } from '../e2e/platform.ts';
import { demonstrations, essence, modelRequest, problems, runSpec } from '../e2e/sums.ts';
import { SupervisedServices, VICTIMS, type Victim } from './supervised-services.ts';

/** How wild it is. */
export interface ChaosOptions {
  readonly seed: number;
  /** Kills in all, over as many runs as they take. */
  readonly kills: number;
  /** Pauses between kills are up to this. */
  readonly maxPauseMs: number;
  readonly log?: (line: string) => void;
}

/** What was seen. Every list must be empty. */
export interface ChaosReport {
  readonly runs: number;
  readonly kills: Readonly<Record<Victim, number>>;
  /** How often a run was set aside, because the orchestrator died again and again under it, and was resumed as its error says. */
  readonly setAside: number;
  /** Runs that did not succeed, or made something else than the undisturbed one. */
  readonly differing: readonly string[];
  /** Runs whose watcher, which reconnects, missed events or saw them twice. */
  readonly gaps: readonly string[];
  /** Artifacts that are damaged. */
  readonly damaged: readonly string[];
  /** Artifacts that nobody names, after a collection. */
  readonly orphans: readonly string[];
  /** Artifacts that a run names and the store has not. */
  readonly lost: readonly string[];
}

/** How many of the ends are those of a rollout, which lets a service drain. */
const ROLLOUT_SHARE = 0.2;

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const isAway = (thrown: unknown): boolean =>
  thrown instanceof HoneError && (thrown.code === 'UNAVAILABLE' || thrown.code === 'CANCELLED');

/** Repeats a call while its service is away, as any client has to. */
async function withRetry<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (thrown) {
      if (!isAway(thrown) || attempt >= 300) throw thrown;
      await sleep(100);
    }
  }
}

async function* each<Item, Message>(items: readonly Item[], message: (item: Item) => Message): AsyncGenerator<Message> {
  for (const item of items) yield message(item);
}

class Chaos {
  readonly kills = Object.fromEntries(VICTIMS.map((victim) => [victim, 0])) as Record<Victim, number>;
  readonly differing: string[] = [];
  readonly gaps: string[] = [];
  setAside = 0;
  private killed = 0;
  private readonly options: ChaosOptions;
  private readonly random: () => number;
  private readonly services: SupervisedServices;
  private readonly orchestrator: OrchestratorServiceClient;

  constructor(options: ChaosOptions, services: SupervisedServices) {
    this.options = options;
    this.random = randomOf(options.seed);
    this.services = services;
    this.orchestrator = connect(OrchestratorServiceClient, services.addresses.orchestrator);
  }

  close(): void {
    this.orchestrator.close();
  }

  get isOver(): boolean {
    return this.killed >= this.options.kills;
  }

  /** Uploads what a run needs. */
  async prepare(): Promise<RunSpec> {
    const { addresses } = this.services;
    const trainer = connect(TrainerServiceClient, addresses.trainer);
    const uploads = connect(UploadServiceClient, addresses.orchestrator);
    try {
      const { name } = await callUnary(trainer, 'initializeCheckpoint', modelRequest());
      const sums = each(problems(), (problem) => ({ problem }));
      const { name: problemSet } = await callClientStream(uploads, 'uploadProblemSet', sums);
      const records = each(demonstrations(), (value) => ({ record: { $case: 'example' as const, value } }));
      const { name: dataset } = await callClientStream(uploads, 'uploadDataset', records);
      return { ...runSpec({ checkpoint: name, problemSet, dataset }), problemsPerShard: 7 };
    } finally {
      trainer.close();
      uploads.close();
    }
  }

  /** Creates a run and watches it to its end, however often the watch breaks off. */
  async run(spec: RunSpec): Promise<Run> {
    const requestId = crypto.randomUUID();
    const { name } = await withRetry(() =>
      callUnary(this.orchestrator, 'createRun', { requestId, spec, validateOnly: false }),
    );
    let last = 0n;
    for (;;) {
      await withRetry(async () => {
        for await (const event of callServerStream(this.orchestrator, 'watchRun', { name, afterEvent: last })) {
          if (event.event?.$case === 'progress') continue;
          if (event.number !== last + 1n) this.gaps.push(`${name}: event ${event.number} after ${last}`);
          last = event.number;
        }
      });
      const run = await withRetry(() => callUnary(this.orchestrator, 'getRun', GetRunRequest.fromPartial({ name })));
      if (run.failure?.reason === 'RUN_ENDS_ORCHESTRATOR') {
        this.setAside += 1;
        await withRetry(() => callUnary(this.orchestrator, 'resumeRun', ResumeRunRequest.fromPartial({ name })));
        continue;
      }
      // A drain ends a watch too.
      if (run.state !== RunState.RUNNING && run.state !== RunState.QUEUED) return run;
    }
  }

  /** Kills at random moments until the run has ended. */
  async disturb(run: Promise<Run>): Promise<Run> {
    let ended = false;
    void run.then(
      () => (ended = true),
      () => (ended = true),
    );
    while (!this.isOver) {
      await sleep(this.random() * this.options.maxPauseMs);
      if (ended) break;
      const victim = VICTIMS[Math.floor(this.random() * VICTIMS.length)]!;
      const signal = this.random() < ROLLOUT_SHARE ? 'SIGTERM' : 'SIGKILL';
      await this.services.end(victim, signal);
      this.kills[victim] += 1;
      this.killed += 1;
      this.options.log?.(`kill ${this.killed}: ${victim} (${signal})`);
    }
    const finished = await run;
    await this.services.settle();
    return finished;
  }

  compare(run: Run, undisturbed: Run): void {
    if (run.state !== RunState.SUCCEEDED) this.differing.push(`${run.name} is ${run.state}: ${run.error}`);
    else if (essence(run) !== essence(undisturbed)) this.differing.push(`${run.name} differs from ${undisturbed.name}`);
  }

  /** Everything that runs and checkpoints name. */
  async referenced(): Promise<Set<string>> {
    const digests = new Set<string>();
    const request = ListReferencedArtifactsRequest.fromPartial({});
    for await (const message of callServerStream(this.orchestrator, 'listReferencedArtifacts', request)) {
      for (const digest of message.digests) digests.add(digest);
    }
    return digests;
  }
}

/** What of the store is damaged, named by nobody, or named and not there, once a collection has run. */
async function inspectStore(folder: string, named: ReadonlySet<string>, runs: readonly Run[]) {
  const store = await ArtifactStore.open(path.join(folder, 'store'));
  const collection = collect(store, { keep: () => named, minAgeMs: 0, dryRun: false });
  while (!(await collection.next()).done);
  const present = new Set<string>();
  const damaged: string[] = [];
  const orphans: string[] = [];
  for await (const { artifact, status, problem } of verifyStore(store)) {
    present.add(artifact.digest);
    if (status !== 'SOUND') damaged.push(`${artifact.digest}: ${status} ${problem}`);
    if (!named.has(artifact.digest)) orphans.push(artifact.digest);
  }
  const wanted = runs.flatMap(({ iterations }) =>
    iterations.flatMap(({ checkpoint, steps }) => [
      ...(checkpoint === '' ? [] : [checkpoint.split('/')[1]!]),
      ...steps.flatMap(({ artifacts }) => Object.values(artifacts).map(({ digest }) => digest)),
    ]),
  );
  return { damaged, orphans, lost: wanted.filter((digest) => !present.has(digest)) };
}

/** An undisturbed run, then runs among kills until there have been enough. */
export async function makeChaos(options: ChaosOptions): Promise<ChaosReport> {
  await buildServices();
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-chaos-'));
  const services = await SupervisedServices.start(folder);
  const chaos = new Chaos(options, services);
  try {
    const spec = await chaos.prepare();
    const undisturbed = await chaos.run(spec);
    if (undisturbed.state !== RunState.SUCCEEDED) throw new Error(`undisturbed: ${undisturbed.error}`);
    const runs = [undisturbed];
    while (!chaos.isOver) {
      const run = await chaos.disturb(chaos.run(spec));
      options.log?.(`${run.name}: ${run.state}`);
      chaos.compare(run, undisturbed);
      runs.push(run);
    }
    const inspected = await inspectStore(folder, await chaos.referenced(), runs);
    const { kills, setAside, differing, gaps } = chaos;
    return { runs: runs.length - 1, kills, setAside, differing, gaps, ...inspected };
  } finally {
    chaos.close();
    await services.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
