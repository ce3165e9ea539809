/** Progress of long work: a bar with rate and time left on a terminal, a line a phase elsewhere. */
import cliProgress from 'cli-progress';
import type { Output } from './output.ts';
import { barLine } from './bar.ts';
import { canRewrite, columnsOf } from './width.ts';
import { timeLeft } from './time-left.ts';

export interface Progress {
  /** Begins a phase; the one before it is over. */
  phase(title: string): void;
  /** Begins a part of the phase, unless it is under way; empty where the phase has no parts. */
  part(text: string): void;
  /** How far the phase is; `total` 0 where unknown. */
  update(done: number, total: number, unit: string, detail?: string): void;
  /** Ends the phase with what it took. */
  finish(summary: string): void;
  /** A line between phases. */
  note(text: string): void;
  /** Leaves the terminal in order. */
  stop(): void;
}

/** Nothing is silent for longer where lines are all there is. */
const HEARTBEAT_MS = 10_000;

/** "iteration 0, warm up, stage 1 of 2, round 1 of 3". */
const headingOf = (title: string, part: string): string => (part === '' ? title : `${title}, ${part}`);

/** Lines only: for logs and programs. */
class LineProgress implements Progress {
  private title = '';
  private current = '';
  private counted = '';
  private started = 0;
  private beat: NodeJS.Timeout | undefined;
  constructor(private readonly output: Output) {}

  phase(title: string): void {
    [this.title, this.current, this.counted] = [title, '', ''];
    this.started = performance.now();
    this.beatLater();
  }
  part(text: string): void {
    if (text === this.current) return;
    [this.current, this.counted] = [text, ''];
    if (text !== '') this.note(headingOf(this.title, text));
    this.beatLater();
  }
  update(done: number, total: number, unit: string): void {
    this.counted = total > 0 ? `${done} of ${total} ${unit}, ` : '';
  }
  finish(summary: string): void {
    this.stop();
    this.output.line(`${this.title}: ${summary}`);
  }
  note(text: string): void {
    this.output.line(text);
  }
  stop(): void {
    clearTimeout(this.beat);
  }

  /** A sign of life goes beside the results, which a reader may keep. */
  private beatLater(): void {
    this.stop();
    this.beat = setTimeout(() => {
      const seconds = ((performance.now() - this.started) / 1000).toFixed(0);
      process.stderr.write(`${headingOf(this.title, this.current)}: ${this.counted}${seconds} s\n`);
      this.beatLater();
    }, HEARTBEAT_MS).unref();
  }
}

/** What is shown beside the numbers of the bar itself. */
type Payload = Pick<Parameters<typeof barLine>[0], 'unit' | 'rate' | 'left' | 'detail'>;

/** How often what does not move is drawn again, so that time goes on. */
const TICK_MS = 1_000;

class BarProgress implements Progress {
  private bar: cliProgress.SingleBar | undefined;
  private title = '';
  private current = '';
  private started = 0;
  private last: Parameters<Progress['update']> | undefined;
  private tick: NodeJS.Timeout | undefined;
  /** The first count that came, and when. */
  private seen: { readonly done: number; readonly at: number } | undefined;
  constructor(private readonly output: Output) {}

  phase(title: string): void {
    this.stop();
    [this.title, this.current] = [title, ''];
    this.begin();
  }
  part(text: string): void {
    if (text === this.current) return;
    this.stop();
    this.current = text;
    this.begin();
  }
  update(done: number, total: number, unit: string, detail = ''): void {
    if (total === 0) return;
    this.last = [done, total, unit, detail];
    if (!this.bar) {
      this.erase();
      const title = headingOf(this.title, this.current);
      const format = (_options: unknown, { value, total: all }: cliProgress.Params, payload: Payload): string =>
        barLine({ title, done: value, total: all, ...payload }, columnsOf(process.stderr) - 1);
      this.bar = new cliProgress.SingleBar({
        format,
        hideCursor: true,
        clearOnComplete: true,
        stream: process.stderr,
      });
      this.bar.start(total, 0, { unit, rate: '', left: '', detail });
    }
    this.bar.setTotal(total);
    this.bar.update(done, { unit, ...this.pace(done, total), detail });
  }
  finish(summary: string): void {
    this.stop();
    this.output.line(`${this.title}: ${summary}`);
  }
  note(text: string): void {
    this.erase();
    this.output.line(text);
  }
  stop(): void {
    clearInterval(this.tick);
    this.erase();
  }

  private begin(): void {
    this.started = performance.now();
    [this.last, this.seen] = [undefined, undefined];
    this.tick = setInterval(() => {
      if (this.last) this.update(...this.last);
      else process.stderr.write(`\r${this.waitingLine()}\u001b[K`);
    }, TICK_MS).unref();
  }

  /** Before there is anything to count. */
  private waitingLine(): string {
    const line = `${headingOf(this.title, this.current)}  ${this.elapsedSeconds().toFixed(0)} s`;
    return line.slice(0, columnsOf(process.stderr) - 1);
  }

  private elapsedSeconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  /** What was done before this one looked, as in a run that goes on, took none of the time that it saw. */
  private pace(done: number, total: number): Pick<Payload, 'rate' | 'left'> {
    const now = this.elapsedSeconds();
    this.seen ??= { done, at: done === 0 ? 0 : now };
    const [doneSince, seconds] = [done - this.seen.done, now - this.seen.at];
    // Where there is no rate yet, that time goes on is a sign of life.
    if (doneSince <= 0 || seconds <= 0) return { rate: '', left: `${now.toFixed(0)} s` };
    return { rate: (doneSince / seconds).toFixed(1), left: timeLeft(doneSince, total - this.seen.done, seconds) };
  }

  /** Takes what is drawn off the terminal. */
  private erase(): void {
    if (this.bar) this.bar.stop();
    else process.stderr.write('\r\u001b[K');
    this.bar = undefined;
  }
}

/** The progress display that fits where the command runs. */
export function makeProgress(output: Output): Progress {
  return canRewrite(process.stderr) && !output.json ? new BarProgress(output) : new LineProgress(output);
}
