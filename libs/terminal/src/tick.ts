/** Progress of a stream whose length is not known: a line on stderr that is rewritten on a terminal, else one now and then. */
import { canRewrite } from './width.ts';

const TERMINAL_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;

export class Tick {
  private readonly started = performance.now();
  private last = this.started;

  constructor(private readonly unit: string) {}

  /** Says how many are done, where it is time to. */
  update(done: number): void {
    const now = performance.now();
    if (now - this.last < (canRewrite(process.stderr) ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS)) return;
    this.last = now;
    process.stderr.write(canRewrite(process.stderr) ? `\r${this.line(done)}\u001b[K` : `${this.line(done)}\n`);
  }

  /** The last line. */
  finish(done: number, summary: string): void {
    process.stderr.write(`${canRewrite(process.stderr) ? '\r\u001b[K' : ''}${this.line(done)}; ${summary}\n`);
  }

  private line(done: number): string {
    const seconds = (performance.now() - this.started) / 1000;
    return `${done} ${this.unit}, ${Math.round(done / seconds)}/s`;
  }
}
