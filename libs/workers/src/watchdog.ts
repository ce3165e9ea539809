/**
 * A thread beside a worker's event loop. It ends the process where the loop cannot do so itself, because it is kept busy: when
 * the parent process is gone, and when a piece of synchronous work takes longer than it may.
 */
import process from 'node:process';
import { Worker as Thread } from 'node:worker_threads';

/** What the tokenizer or chat template of a checkpoint may take for one text. */
export const TEXT_LIMIT_MS = 10_000;

/** How the process ends whose work took too long; the parent tells it by this signal. */
export const TOO_LONG_SIGNAL = 'SIGALRM';
/** Beyond what handlers are given to end in order. */
const ORPHAN_GRACE_MS = 6_500;
const LOOK_EVERY_MS = 200;

/** Offsets in the memory that loop and thread share. */
const SERIAL = 0;
const LIMIT_MS = 1;

// The thread never waits for the loop: it looks at the shared memory, and at whose child the process is.
const WATCH = `
const { workerData } = require('node:worker_threads');
const { cells, parent, orphanGraceMs, lookEveryMs, signal } = workerData;
const idle = new Int32Array(new SharedArrayBuffer(4));
let [serial, since, orphanSince] = [0, 0, 0];
for (;;) {
  Atomics.wait(idle, 0, 0, lookEveryMs);
  const now = performance.now();
  const limitMs = Atomics.load(cells, ${LIMIT_MS});
  const current = Atomics.load(cells, ${SERIAL});
  if (current !== serial) [serial, since] = [current, now];
  else if (limitMs > 0 && now - since > limitMs) process.kill(process.pid, signal);
  if (process.ppid === parent) continue;
  orphanSince ||= now;
  if (now - orphanSince > orphanGraceMs) process.kill(process.pid, 'SIGKILL');
}`;

let cells: Int32Array | undefined;

/** Starts the thread; once in a worker process. */
export function startWatchdog(): void {
  cells = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const workerData = {
    cells,
    parent: process.ppid,
    orphanGraceMs: ORPHAN_GRACE_MS,
    lookEveryMs: LOOK_EVERY_MS,
    signal: TOO_LONG_SIGNAL,
  };
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
  new Thread(WATCH, { eval: true, workerData, execArgv: [], resourceLimits }).unref();
}

/**
 * Does work that callers' data may make endless (a template, a pattern of a tokenizer), one such piece at a time. Where it takes
 * longer than `limitMs`, give or take half a second, the worker process ends, and its calls fail with that reason. Outside a worker
 * process it is just done.
 */
export function withinLimit<Result>(limitMs: number, work: () => Result): Result {
  if (!cells) return work();
  Atomics.add(cells, SERIAL, 1);
  Atomics.store(cells, LIMIT_MS, limitMs);
  let result: Result | undefined;
  try {
    result = work();
    return result instanceof Promise ? (result.finally(endLimit) as Result) : result;
  } finally {
    if (!(result instanceof Promise)) endLimit();
  }
}

function endLimit(): void {
  if (cells) Atomics.store(cells, LIMIT_MS, 0);
}
