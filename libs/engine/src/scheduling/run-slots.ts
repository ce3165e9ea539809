/** Which runs are at work: so many at a time. */
export class RunSlots {
  private readonly taken = new Set<string>();
  private readonly waiting: (() => void)[] = [];
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get isFull(): boolean {
    return this.taken.size >= this.most;
  }

  has(key: string): boolean {
    return this.taken.has(key);
  }

  take(key: string): void {
    this.taken.add(key);
  }

  /** Lets a slot go, to whoever waits for one first. */
  free(key: string): void {
    this.taken.delete(key);
    if (!this.isFull) this.waiting.shift()?.();
  }

  /** Takes a slot, once there is one. An abort ends the wait without: then nothing is to be done but to end. */
  async takeInTurn(key: string, signal: AbortSignal): Promise<void> {
    if (!this.isFull) return this.take(key);
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        this.take(key);
        resolve();
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(enter);
    });
  }
}
