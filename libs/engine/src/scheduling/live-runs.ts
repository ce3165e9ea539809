import type { StepProgress, RunEvent } from '@hone/contracts';

/** Progress of the step at work; not kept. */
export type Progress = Pick<RunEvent, 'iteration' | 'step' | 'kind'> & { readonly progress: StepProgress };

/** What a watcher finds when it wakes up. */
export interface News {
  /** Kept events may have been added, or the run's state changed. */
  readonly changed: boolean;
  /** The latest progress since the last news. */
  readonly progress: Progress | undefined;
}

/** One watcher of a run. However slow it reads, it holds one progress at most. */
export class RunSubscription {
  private changed = false;
  private progress: Progress | undefined;
  private wake: () => void = () => undefined;
  readonly close: () => void;

  constructor(close: (subscription: RunSubscription) => void) {
    this.close = () => close(this);
  }

  notify(progress: Progress | undefined): void {
    if (progress) this.progress = progress;
    else {
      this.changed = true;
      // What follows a kept event belongs to another moment than the progress before it.
      this.progress = undefined;
    }
    this.wake();
  }

  /** Waits for news; an abort ends the wait with none. */
  async next(signal: AbortSignal): Promise<News> {
    if (!this.changed && !this.progress && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = () => {
          signal.removeEventListener('abort', this.wake);
          resolve();
        };
        signal.addEventListener('abort', this.wake, { once: true });
      });
    }
    const { changed, progress } = this;
    this.changed = false;
    this.progress = undefined;
    return { changed, progress };
  }
}

/** Tells watchers of runs that there is something new. */
export class LiveRuns {
  private readonly subscriptions = new Map<string, Set<RunSubscription>>();

  subscribe(runId: string): RunSubscription {
    const ofRun = this.subscriptions.get(runId) ?? new Set();
    this.subscriptions.set(runId, ofRun);
    const subscription = new RunSubscription((closed) => {
      ofRun.delete(closed);
      if (ofRun.size === 0 && this.subscriptions.get(runId) === ofRun) this.subscriptions.delete(runId);
    });
    ofRun.add(subscription);
    return subscription;
  }

  /** A kept event was added. */
  changed(runId: string): void {
    for (const subscription of this.subscriptions.get(runId) ?? []) subscription.notify(undefined);
  }

  progress(runId: string, progress: Progress): void {
    for (const subscription of this.subscriptions.get(runId) ?? []) subscription.notify(progress);
  }
}
