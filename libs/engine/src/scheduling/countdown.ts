/** setTimeout takes no longer time. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Time of work that is left, which can be stopped and go on. */
export class Countdown {
  private timer: NodeJS.Timeout | undefined;
  private since = 0;
  private leftMs: number | undefined;
  private readonly onEnd: () => void;

  /** It stands still at first; undefined means that there is no end. */
  constructor(leftMs: number | undefined, onEnd: () => void) {
    this.leftMs = leftMs;
    this.onEnd = onEnd;
  }

  go(): void {
    if (this.leftMs === undefined || this.timer) return;
    this.since = performance.now();
    this.timer = setTimeout(this.onEnd, Math.min(this.leftMs, MAX_TIMEOUT_MS));
  }

  stop(): void {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.leftMs = Math.max(0, this.leftMs! - (performance.now() - this.since));
  }
}
