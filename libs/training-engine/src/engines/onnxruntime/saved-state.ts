/**
 * A job's state on disk, so that a job whose process was killed goes on. A state is a file of weights and moments, the metrics of the
 * steps done, and a manifest that is written last and names both by digest: without it, or where they differ, there is no state.
 */
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { digestOfFile, writeFileAtomically } from '@hone/artifacts';
import { StepMetrics } from '@hone/contracts';
import { dataLoss } from '@hone/errors';
import type { TrainingState } from '@hone/training';

/** A state that was read again. */
export interface RestoredState {
  readonly state: TrainingState;
  readonly metrics: readonly StepMetrics[];
  /** Steps that the job has in all. */
  readonly totalSteps: number;
}

interface Manifest {
  readonly step: number;
  /** Numbers in each of the three arrays. */
  readonly length: number;
  readonly arrays: string;
  readonly arraysDigest: string;
  readonly metrics: readonly unknown[];
  readonly totalSteps: number;
}

const MANIFEST = 'manifest.json';
/** Saving takes at most about this share of the time, but where every step is to be saved. */
const LARGEST_SHARE = 0.05;

export class SavedState {
  private lastSaved = performance.now();
  private lastDurationMs = 0;

  constructor(
    private readonly folder: string,
    private readonly everySeconds: number,
  ) {}

  /** The state that was saved last; undefined where there is none. What is damaged is an error that names it. */
  async restore(): Promise<RestoredState | undefined> {
    const text = await readFile(path.join(this.folder, MANIFEST), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { step, length, arrays, arraysDigest, metrics, totalSteps } = JSON.parse(text) as Manifest;
    const file = path.join(this.folder, path.basename(arrays));
    if ((await digestOfFile(file)) !== arraysDigest) throw dataLoss(file, 'its digest is not that of the manifest');
    const flat = new Float32Array(3 * length);
    const handle = await open(file, 'r');
    try {
      await readFully(handle, new Uint8Array(flat.buffer));
    } finally {
      await handle.close();
    }
    const part = (index: number): Float32Array => flat.subarray(index * length, (index + 1) * length);
    const state = { step, weights: part(0), firstMoment: part(1), secondMoment: part(2) };
    return { state, metrics: metrics.map((row) => StepMetrics.fromJSON(row)), totalSteps };
  }

  /** Whether enough time has passed since the last state. */
  private get due(): boolean {
    if (this.everySeconds === 0) return true;
    const passed = performance.now() - this.lastSaved;
    return passed >= this.everySeconds * 1000 && passed * LARGEST_SHARE >= this.lastDurationMs;
  }

  async saveIfDue(
    { step, weights, firstMoment, secondMoment }: TrainingState,
    metrics: readonly StepMetrics[],
    totalSteps: number,
  ): Promise<void> {
    if (!this.due) return;
    const started = performance.now();
    await mkdir(this.folder, { recursive: true });
    const arrays = `arrays-${step}.bin`;
    const file = path.join(this.folder, arrays);
    await writeFileAtomically(file, async (handle) => {
      for (const { buffer, byteOffset, byteLength } of [weights, firstMoment, secondMoment]) {
        await handle.writeFile(new Uint8Array(buffer, byteOffset, byteLength));
      }
    });
    const manifest: Manifest = {
      step,
      length: weights.length,
      arrays,
      arraysDigest: await digestOfFile(file),
      metrics: metrics.map((row) => StepMetrics.toJSON(row)),
      totalSteps,
    };
    await writeFileAtomically(path.join(this.folder, MANIFEST), JSON.stringify(manifest));
    // The state before, and what was left of one that was never finished.
    for (const name of await readdir(this.folder)) {
      if (name !== arrays && name !== MANIFEST) await rm(path.join(this.folder, name), { force: true });
    }
    this.lastSaved = performance.now();
    this.lastDurationMs = this.lastSaved - started;
  }

  /** The job is done: its state is of no more use. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function readFully(handle: Awaited<ReturnType<typeof open>>, target: Uint8Array): Promise<void> {
  let at = 0;
  while (at < target.length) {
    const { bytesRead } = await handle.read(target, at, Math.min(target.length - at, 2 ** 26), at);
    if (bytesRead === 0) throw dataLoss('training state', 'it ended early');
    at += bytesRead;
  }
}
