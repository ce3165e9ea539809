/** What the engine asks of other services. Who serves them, and over what, is not its business. */
import type {
  EvaluateMetadata,
  EvaluateRequest,
  Evaluation,
  Operation,
  RuleReport,
  ResourceUsage,
  RunSpec,
  SampleRequest,
  SampleResponse,
  ScoreItem,
  ScorerRef,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
  Verdict,
} from '@hone/contracts';
import type { RowsRef } from '@hone/recipes';

/** A service that runs call. */
export type ServiceName = 'sampler' | 'scorer' | 'pairBuilder' | 'trainer' | 'evaluator';

/** How many calls keep a service busy: one object for all who share the service. */
export interface ServiceCapacity {
  /** At least 1. */
  readonly capacity: number;
  /** Tells of changes of the capacity. */
  onCapacity(listener: (capacity: number) => void): void;
}

/** How long a call may take. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** Undefined means no deadline. */
  readonly timeoutMs?: number | undefined;
}

/** Verdicts on some items, in their order. */
export interface Judgement {
  readonly verdicts: readonly Verdict[];
  /** One for each call that it took. */
  readonly usage: readonly ResourceUsage[];
}

/** A scorer, or several as one. */
export interface Judge {
  /** "gsm8k", "all(gsm8k, exact)". */
  readonly name: string;
  judge(items: readonly ScoreItem[], signal?: AbortSignal): Promise<Judgement>;
  /** For each set of answers, and each answer of it, the position of the first answer that the scorer holds equal to it. */
  groupAnswers(sets: readonly (readonly string[])[], signal?: AbortSignal): Promise<number[][]>;
}

/** A training set to build. */
export interface BuildJob {
  readonly rule: string;
  /** host:port of the rule's server; empty means the pair-builder's own rules. */
  readonly address: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: bigint;
  /** "problemSets/{sha256}" of which the samples are. */
  readonly problemSet: string;
  /** Samples, the latest iteration's first. */
  readonly sources: readonly {
    readonly completions: RowsRef<'completions'>;
    readonly verdicts: RowsRef<'verdicts'> | undefined;
    readonly comparisons: RowsRef<'comparisons'> | undefined;
  }[];
  /** Most pairs or examples in all; 0 means no limit. */
  readonly most: number;
}

/** A training set that was built. */
export interface BuiltDataset {
  /** Undefined where nothing came of it. */
  readonly rows: RowsRef<'groups' | 'examples'> | undefined;
  readonly report: RuleReport;
  readonly usage: ResourceUsage | undefined;
}

/** Work that another service does as a long-running operation. */
export interface RemoteWork<Request, Response, Metadata> {
  /** Starts it; the same request_id finds it again. */
  start(request: Request, options: CallOptions): Promise<Operation>;
  /** Waits for its end. An abort of `signal` cancels it; one of `leaving` ends the wait alone. */
  wait(
    operation: Operation,
    options: CallOptions & { readonly leaving: AbortSignal; readonly onMetadata: (metadata: Metadata) => void },
  ): Promise<Response>;
}

/** The services that runs call: the deployment's own, and those that a run names in their place. */
export interface ServicesOfRuns {
  of(spec: RunSpec): Services;
}

/** The services of a run. Every failure is a HoneError; one that may pass is UNAVAILABLE or DEADLINE_EXCEEDED. */
export interface Services {
  /** Where each is: host:port, or those of several replicas separated by commas. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** How many calls a service takes at once. */
  capacityOf(service: ServiceName): ServiceCapacity;
  sample(request: SampleRequest, options: CallOptions): AsyncIterable<SampleResponse>;
  openJudge(scorer: ScorerRef): Judge;
  build(
    job: BuildJob,
    options: CallOptions & { readonly onProblems: (done: number, total: number) => void },
  ): Promise<BuiltDataset>;
  readonly training: RemoteWork<TrainRequest, TrainResponse, TrainMetadata>;
  readonly evaluation: RemoteWork<EvaluateRequest, Evaluation, EvaluateMetadata>;
}
