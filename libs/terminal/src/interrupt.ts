/** Ctrl-C and SIGTERM: what is under way is stopped in order, no error is told, and the exit code says why (128 + the signal). */
import { cancelled } from '@hone/errors';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;

let received: Signal | undefined;
/** What stops the work under way; the one that was put there last knows best how. */
const stops: (() => void)[] = [];

function handle(signal: Signal): void {
  // A second time means at once.
  if (received) process.exit(EXIT_CODES[signal]);
  received = signal;
  stops.at(-1)?.();
}

const listeners = { SIGINT: () => handle('SIGINT'), SIGTERM: () => handle('SIGTERM') };

/** Calls `stop` at the first Ctrl-C or SIGTERM; a second one ends the process at once. Gives what takes it back. */
export function onInterrupt(stop: () => void): () => void {
  if (stops.length === 0) process.on('SIGINT', listeners.SIGINT).on('SIGTERM', listeners.SIGTERM);
  stops.push(stop);
  return () => {
    stops.splice(stops.indexOf(stop), 1);
    if (stops.length === 0) process.off('SIGINT', listeners.SIGINT).off('SIGTERM', listeners.SIGTERM);
  };
}

/** Runs `work` until its end, or until Ctrl-C or SIGTERM where nothing in it knows how to stop. */
export async function untilInterrupted<Result>(work: Promise<Result>): Promise<Result> {
  let release = (): void => {};
  const interrupted = new Promise<never>((_, reject) => (release = onInterrupt(() => reject(cancelled('stopped')))));
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    release();
  }
}

/** The exit code of a command that was stopped; undefined where it was not. */
export const interruptCode = (): number | undefined => received && EXIT_CODES[received];
