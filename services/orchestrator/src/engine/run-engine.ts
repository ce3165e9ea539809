import type { ArtifactStore } from '@hone/artifacts';
import { digestOfName, Evaluation, RuleReport, Phase, TrainResponse, type PhaseProgress } from '@hone/contracts';
import type { Database } from '@hone/database';
import { throwIfAborted } from '@hone/errors';
import type { ServiceOptions } from '@hone/rpc';
import type { StepOutcome } from '../database/phases.ts';
import type { RunRecord } from '../database/runs.ts';
import { seedOf } from '../seeds.ts';
import type { Durably } from './durable-runs.ts';
import { evaluate } from './evaluate-phase.ts';
import { RunJournal, type StepEffects } from './journal.ts';
import type { LiveRuns } from './live-runs.ts';
import { pairPhase, type PairResult } from './pair-phase.ts';
import { throwIfPausing } from './pausing.ts';
import type { Peers } from './peers.ts';
import { policyOf } from './policies.ts';
import { checkpointOfRun } from './recipe.ts';
import type { FailedTry } from './retry.ts';
import { samplePhase, type SampleResult } from './sample-phase.ts';
import { specAt } from './schedule.ts';
import { scorePhase, type ScoreResult } from './score-phase.ts';
import { bestOf, reasonToStop, selectionValue, type Candidate } from './selection.ts';
import type { ServiceName, ServiceShares, StepContext } from './step-context.ts';
import { train } from './train-phase.ts';
import { serviceWait } from './waiting.ts';
import { warmUpPhase } from './warm-up-phase.ts';
import { evaluationWarnings, pairWarnings, trainingWarnings } from './warnings.ts';

/** What the engine works with. */
export interface EngineOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly peers: Peers;
  readonly shares: ServiceShares;
  readonly live: LiveRuns;
  readonly logger: ServiceOptions['logger'];
}

/** One attempt of a run. */
export interface RunAttempt {
  readonly run: RunRecord;
  readonly durably: Durably;
  /** Aborted when the work is to end, here. */
  readonly signal: AbortSignal;
  /** Aborted when it is to end everywhere. */
  readonly cancelling: AbortSignal;
  readonly pausing: AbortSignal;
  /** Told of every step that is finished. */
  readonly progressed?: () => void;
}

/** Pairs with what they were made from. */
interface BuiltPairs {
  readonly sampled: StepOutcome<SampleResult>;
  readonly scored: StepOutcome<ScoreResult>;
  readonly paired: StepOutcome<PairResult>;
}

/** A model of the loop and how it scored. */
interface Version {
  readonly checkpoint: string;
  readonly evaluation: Evaluation;
  /** Why the run ends with it. */
  readonly stop: string | undefined;
}

/** One run of the loop. Finished steps are skipped, so executing it again goes on where it stopped. */
export class RunEngine {
  readonly journal: RunJournal;
  private readonly options: EngineOptions;
  private readonly attempt: RunAttempt;
  private readonly candidates: Candidate[] = [];

  constructor(options: EngineOptions, attempt: RunAttempt) {
    this.options = options;
    this.attempt = attempt;
    this.journal = new RunJournal({ ...options, ...attempt });
  }

  /** From the base over M_0 to the last iteration, or to the one after which it stops early. */
  async execute(): Promise<void> {
    const { iterations } = this.attempt.run.spec;
    let version = await this.evaluated(0, await this.warmUp(), undefined);
    for (let iteration = 1; iteration <= iterations && version.stop === undefined; iteration++) {
      const pairs = await this.buildPairs(iteration, version.checkpoint);
      const checkpoint = await this.train(iteration, version.checkpoint, pairs);
      version = await this.evaluated(iteration, checkpoint, version.evaluation);
    }
  }

  private context(iteration: number, phase: Phase): StepContext {
    const { journal } = this;
    const { store, peers, shares } = this.options;
    const { signal, cancelling, pausing } = this.attempt;
    throwIfAborted(signal);
    throwIfPausing(pausing);
    const { id, attempt, spec: whole } = this.attempt.run;
    const spec = specAt(whole, iteration);
    const progress = (value: Partial<PhaseProgress>): void => journal.progress(iteration, phase, value);
    const waiting = (service: ServiceName, failed: FailedTry): void =>
      journal.waiting({ iteration, phase }, serviceWait(service, peers.addresses, failed));
    const policy = policyOf(spec, phase);
    const signals = { signal, cancelling, pausing };
    const which = { runId: id, spec, iteration, attempt };
    return { ...which, store, peers, shares, journal, policy, ...signals, progress, waiting };
  }

  /** M_0. */
  private async warmUp(): Promise<string> {
    const { baseCheckpoint, warmUp } = this.attempt.run.spec;
    if (warmUp.length === 0) return baseCheckpoint;
    return (await warmUpPhase(this.context(0, Phase.WARM_UP))).result.checkpoint;
  }

  private async buildPairs(iteration: number, checkpoint: string): Promise<BuiltPairs> {
    const sampled = await samplePhase(this.context(iteration, Phase.SAMPLE), checkpoint);
    const completions = sampled.artifacts['completions']!;
    const { problems, samples } = sampled.result;
    const scored = await scorePhase(this.context(iteration, Phase.SCORE), { completions, samples });
    const judged = { completions, verdicts: scored.artifacts['verdicts']!, problems };
    const context = this.context(iteration, Phase.PAIR);
    const effectsOf = ({ result }: StepOutcome<PairResult>): StepEffects => ({
      warnings: pairWarnings(RuleReport.fromJSON(result.report)),
    });
    const phase = { iteration, phase: Phase.PAIR };
    const paired = await this.journal.phase(phase, () => pairPhase(context, judged), { effectsOf });
    return { sampled, scored, paired };
  }

  /** M_n from M_{n-1} and its pairs. */
  private async train(iteration: number, start: string, pairs: BuiltPairs): Promise<string> {
    const context = this.context(iteration, Phase.TRAIN);
    const { spec } = context;
    const job = {
      key: 'train',
      checkpoint: start,
      dataset: pairs.paired.result.dataset,
      training: spec.training!,
      seed: seedOf(spec.seed, iteration, 'train'),
      displayName: `${spec.displayName || context.runId} M_${iteration}`,
    };
    const work = async (): Promise<StepOutcome<unknown>> => {
      const trained = await train(context, job);
      return { result: TrainResponse.toJSON(trained), usage: trained.usage!, artifacts: {} };
    };
    const effectsOf = (outcome: StepOutcome<unknown>): StepEffects => {
      const trained = TrainResponse.fromJSON(outcome.result);
      return {
        checkpoint: checkpointOfRun(context, trained.checkpoint!, recipeOf(pairs)),
        warnings: trainingWarnings(trained, spec.training!.loss!.beta),
      };
    };
    const { result } = await this.journal.phase({ iteration, phase: Phase.TRAIN }, work, { effectsOf });
    return TrainResponse.fromJSON(result).checkpoint!.name;
  }

  /** Evaluates the iteration's checkpoint, which ends the iteration. */
  private async evaluated(iteration: number, checkpoint: string, before: Evaluation | undefined): Promise<Version> {
    const stop = await this.choose(iteration, checkpoint);
    const { testProblemSet: problemSet, evaluation: spec } = this.attempt.run.spec;
    const { result } = await this.measure(iteration, Phase.EVALUATE, { checkpoint, problemSet, spec: spec! });
    const evaluation = Evaluation.fromJSON(result);
    await this.journal.finishIteration(iteration, checkpoint, evaluationWarnings(evaluation, before));
    return { checkpoint, evaluation, stop };
  }

  /** Measures the checkpoint on held-out problems and compares it with those before; gives a reason to stop, where there is one. */
  private async choose(iteration: number, checkpoint: string): Promise<string | undefined> {
    const { selection, validationProblemSet: problemSet, evaluation } = this.attempt.run.spec;
    if (!selection) return undefined;
    const spec = selection.evaluation ?? evaluation!;
    const withThis = (measured: unknown): Candidate[] => {
      const value = selectionValue(selection, Evaluation.fromJSON(measured));
      return [...this.candidates, { iteration, checkpoint, value }];
    };
    const effectsOf = ({ result }: StepOutcome<unknown>): StepEffects => {
      const candidates = withThis(result);
      const best = bestOf(candidates, selection.minImprovement);
      const earlyStop = this.isLast(iteration) ? '' : (reasonToStop(selection, candidates, best) ?? '');
      return { selection: { bestCheckpoint: best.checkpoint, bestIteration: best.iteration, earlyStop } };
    };
    const { result } = await this.measure(iteration, Phase.SELECT, { checkpoint, problemSet, spec }, effectsOf);
    this.candidates.splice(0, Infinity, ...withThis(result));
    return reasonToStop(selection, this.candidates, bestOf(this.candidates, selection.minImprovement));
  }

  private isLast(iteration: number): boolean {
    return iteration === this.attempt.run.spec.iterations;
  }

  private measure(
    iteration: number,
    phase: Phase,
    job: Omit<Parameters<typeof evaluate>[1], 'key'>,
    effectsOf?: (outcome: StepOutcome<unknown>) => StepEffects,
  ): Promise<StepOutcome<unknown>> {
    const context = this.context(iteration, phase);
    const key = phase === Phase.SELECT ? 'select' : 'evaluate';
    const work = async (): Promise<StepOutcome<unknown>> => {
      const measured = await evaluate(context, { ...job, key });
      const digest = digestOfName('evaluations', measured.name, 'name');
      return { result: Evaluation.toJSON(measured), usage: measured.usage!, artifacts: { [ARTIFACTS[key]]: digest } };
    };
    return this.journal.phase({ iteration, phase }, work, effectsOf && { effectsOf });
  }
}

const ARTIFACTS = { evaluate: 'evaluation', select: 'selection' } as const;

function recipeOf({ sampled, scored, paired }: BuiltPairs) {
  return {
    scorerVersion: scored.result.scorerVersion,
    pairRule: RuleReport.fromJSON(paired.result.report).rule,
    pairReport: paired.result.report,
    templateDigests: sampled.result.templateDigests,
    templateDates: sampled.result.templateDates ?? [],
    artifacts: { ...sampled.artifacts, ...scored.artifacts, ...paired.artifacts },
  };
}
