import type { StepMetrics, WatchTrainingResponse } from '@hone/contracts';
import { notFound } from '@hone/errors';

/** The metrics of one job, step by step, for those who watch it now or come later. */
export class MetricsLog {
  private readonly steps: StepMetrics[] = [];
  private totalSteps = 0;
  private ended = false;
  private waiting: (() => void)[] = [];

  /** Adds the next step's metrics. */
  add(metrics: StepMetrics, totalSteps: number): void {
    this.steps.push(metrics);
    this.totalSteps = totalSteps;
    this.wake();
  }

  /** No more steps will come. */
  end(): void {
    this.ended = true;
    this.wake();
  }

  /** All steps so far. */
  get all(): readonly StepMetrics[] {
    return this.steps;
  }

  /** Metrics of the steps after this one, then of each as it is taken, until the job ends. */
  async *after(step: number, signal: AbortSignal): AsyncGenerator<WatchTrainingResponse, void, undefined> {
    let next = step;
    const wake = (): void => this.wake();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!signal.aborted) {
        const metrics = this.steps[next];
        if (metrics) {
          next += 1;
          yield { metrics, totalSteps: this.totalSteps };
        } else if (this.ended) return;
        else await new Promise<void>((resolve) => this.waiting.push(resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** Logs of finished jobs that are kept; the oldest is forgotten first, so that memory does not grow. */
const MAX_LOGS = 100;

/** The logs of a trainer's jobs, by operation. */
export class MetricsLogs {
  private readonly logs = new Map<string, MetricsLog>();

  /** A log for a job that begins. */
  create(operation: string): MetricsLog {
    const log = new MetricsLog();
    this.logs.set(operation, log);
    if (this.logs.size > MAX_LOGS) this.logs.delete(this.logs.keys().next().value as string);
    return log;
  }

  /** The log of a job. */
  of(operation: string): MetricsLog {
    const log = this.logs.get(operation);
    if (!log) throw notFound(operation || 'operation', 'this trainer knows no such job, or has forgotten it');
    return log;
  }
}
