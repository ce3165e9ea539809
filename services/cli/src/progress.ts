/** Progress of long work: a bar with rate and time left on a terminal, a line a phase elsewhere. */
import cliProgress from 'cli-progress';
import type { Output } from './output.ts';
import { barLine } from './render/bar.ts';
import { canRewrite, columnsOf } from './render/width.ts';
import { timeLeft } from './time-left.ts';

export interface Progress {
  /** Begins a phase; the one before it is over. */
  phase(title: string): void;
  /** How far the phase is; `total` 0 where unknown. */
  update(done: number, total: number, unit: string, detail?: string): void;
  /** Ends the phase with what it took. */
  finish(summary: string): void;
  /** A line between phases. */
  note(text: string): void;
  /** Leaves the terminal in order. */
  stop(): void;
}

/** Lines only: for logs and programs. */
class LineProgress implements Progress {
  private title = '';
  constructor(private readonly output: Output) {}

  phase(title: string): void {
    this.title = title;
  }
  update(): void {
    // A log wants results, not ticks.
  }
  finish(summary: string): void {
    this.output.line(`${this.title}: ${summary}`);
  }
  note(text: string): void {
    this.output.line(text);
  }
  stop(): void {
    // Nothing is open.
  }
}

/** What is shown beside the numbers of the bar itself. */
type Payload = Pick<Parameters<typeof barLine>[0], 'unit' | 'rate' | 'left' | 'detail'>;

class BarProgress implements Progress {
  private bar: cliProgress.SingleBar | undefined;
  private title = '';
  private started = 0;
  constructor(private readonly output: Output) {}

  phase(title: string): void {
    this.stop();
    this.title = title;
    this.started = performance.now();
  }
  update(done: number, total: number, unit: string, detail = ''): void {
    if (total === 0) return;
    if (!this.bar) {
      const { title } = this;
      const format = (_options: unknown, { value, total: all }: cliProgress.Params, payload: Payload): string =>
        barLine({ title, done: value, total: all, ...payload }, columnsOf(process.stderr) - 1);
      this.bar = new cliProgress.SingleBar({
        format,
        hideCursor: true,
        clearOnComplete: true,
        stream: process.stderr,
      });
      this.bar.start(total, 0, { unit, rate: '-', left: '', detail });
    }
    const elapsedSeconds = (performance.now() - this.started) / 1000;
    this.bar.setTotal(total);
    const rate = (done / Math.max(elapsedSeconds, 0.001)).toFixed(1);
    this.bar.update(done, { unit, rate, left: timeLeft(done, total, elapsedSeconds), detail });
  }
  finish(summary: string): void {
    this.stop();
    this.output.line(`${this.title}: ${summary}`);
  }
  note(text: string): void {
    this.stop();
    this.output.line(text);
  }
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

/** The progress display that fits where the command runs. */
export function makeProgress(output: Output): Progress {
  return canRewrite(process.stderr) && !output.json ? new BarProgress(output) : new LineProgress(output);
}
