import { cancelled } from '@hone/errors';
import type { SampledCompletion } from './completion.ts';
import type { SamplingParams } from './sampling-params.ts';
import type { SampleRequest } from '../validate-requests.ts';

/** The next sample that a stream wants drawn. */
export interface SampleJob {
  readonly request: SampleRequest;
  readonly sampleIndex: number;
}

/** Finished completions that may wait for the caller before its samples are held back. */
const QUEUE_LIMIT = 256;

/** One call's samples: those still to be drawn, and those that wait for the caller. */
export class SampleStream {
  private readonly requests: Iterator<SampleRequest>;
  private current: SampleRequest | undefined;
  private nextIndex = 0;
  private drawing = 0;
  private exhausted = false;
  private error: unknown;
  private readonly queue: SampledCompletion[] = [];
  private wakeCaller: (() => void) | undefined;

  constructor(
    requests: Iterable<SampleRequest>,
    readonly params: SamplingParams,
    readonly seed: bigint,
    private readonly wakeEngine: () => void,
    /** Whether a completion is at its end with these tokens. */
    readonly endsCompletion: ((tokenIds: readonly number[]) => boolean) | undefined,
    /** Whose samples these are; streams of one owner share its turns. */
    readonly owner: unknown,
  ) {
    this.requests = requests[Symbol.iterator]();
    this.advance();
  }

  /** Samples that are being drawn. */
  get rows(): number {
    return this.drawing;
  }

  /** Whether it ended with an error or was cancelled; its rows are then dropped. */
  get failed(): boolean {
    return this.error !== undefined;
  }

  /** Nothing left to draw, nothing being drawn. */
  get finished(): boolean {
    return this.failed || (this.exhausted && this.drawing === 0);
  }

  /** The next sample to draw, or undefined: there is none, or the caller does not keep pace. */
  peek(): SampleJob | undefined {
    if (this.failed || !this.current || this.queue.length >= QUEUE_LIMIT) return undefined;
    return { request: this.current, sampleIndex: (this.current.firstSampleIndex ?? 0) + this.nextIndex };
  }

  /** Takes the job that `peek` showed. */
  take(): void {
    this.drawing += 1;
    this.nextIndex += 1;
    if (this.nextIndex === this.current?.n) this.advance();
  }

  /** Hands a finished completion to the caller. */
  deliver(completion: SampledCompletion): void {
    this.drawing -= 1;
    this.queue.push(completion);
    this.wakeCaller?.();
  }

  fail(error: unknown): void {
    this.error ??= error;
    this.wakeCaller?.();
    this.wakeEngine();
  }

  /** The completions in the order in which they finish. Leaving the loop early drops the rest. */
  async *completions(signal: AbortSignal | undefined): AsyncGenerator<SampledCompletion, void, undefined> {
    const abort = (): void => this.fail(cancelled());
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for (;;) {
        if (this.failed) throw this.error;
        const completion = this.queue.shift();
        if (completion) {
          this.wakeEngine();
          yield completion;
        } else if (this.finished) return;
        else await new Promise<void>((resolve) => (this.wakeCaller = resolve));
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      if (!this.finished) abort();
    }
  }

  private advance(): void {
    const next = this.requests.next();
    this.nextIndex = 0;
    this.current = next.done ? undefined : next.value;
    this.exhausted = next.done === true;
  }
}
