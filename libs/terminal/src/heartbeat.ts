/** A sign of life of commands that show no progress of their own: nothing waits silently for longer than ten seconds. */

const SILENT_MS = 10_000;
const LOOK_MS = 1_000;

/** Bytes that were written for people so far; a file does not count them. */
const bytesWritten = (): number =>
  [process.stdout, process.stderr].reduce((sum, { bytesWritten: bytes }) => sum + (bytes ?? 0), 0);

/** Waits for `work`, and says on stderr every ten seconds how long it has taken, unless something else was written meanwhile. */
export async function withHeartbeat<Result>(what: string, work: Promise<Result>): Promise<Result> {
  const started = performance.now();
  let [last, written] = [started, bytesWritten()];
  const looking = setInterval(() => {
    const [now, bytes] = [performance.now(), bytesWritten()];
    if (bytes === written && now - last < SILENT_MS) return;
    if (bytes === written) process.stderr.write(`${what}: ${((now - started) / 1000).toFixed(0)} s\n`);
    [last, written] = [now, bytesWritten()];
  }, LOOK_MS).unref();
  try {
    return await work;
  } finally {
    clearInterval(looking);
  }
}
