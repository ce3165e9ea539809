import type { ArtifactStore } from '@hone/artifacts';
import {
  digestOfName,
  Evaluation,
  PairReport,
  Phase,
  TrainResponse,
  VerdictCounts,
  type PhaseProgress,
} from '@hone/contracts';
import { throwIfAborted } from '@hone/errors';
import type { Database } from '../database/open-database.ts';
import { hasIteration, type StepOutcome } from '../database/phases.ts';
import type { RunRecord } from '../database/runs.ts';
import { seedOf } from '../seeds.ts';
import { evaluate } from './evaluate-phase.ts';
import { RunJournal } from './journal.ts';
import type { LiveRuns } from './live-runs.ts';
import { pairPhase, type PairResult } from './pair-phase.ts';
import type { Peers } from './peers.ts';
import { checkpointOfRun } from './recipe.ts';
import { samplePhase, type SampleResult } from './sample-phase.ts';
import { scorePhase, type ScoreResult } from './score-phase.ts';
import type { StepContext } from './step-context.ts';
import { train } from './train-phase.ts';
import { warmUpPhase } from './warm-up-phase.ts';
import { evaluationWarnings, pairWarnings, samplingWarnings, scoringWarnings, trainingWarnings } from './warnings.ts';

/** What the engine works with. */
export interface EngineOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly peers: Peers;
  readonly live: LiveRuns;
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
}

/** One run of the loop. Finished steps are skipped, so executing it again goes on where it stopped. */
export class RunEngine {
  readonly journal: RunJournal;
  private readonly options: EngineOptions;
  private readonly run: RunRecord;
  private readonly signal: AbortSignal;

  constructor(options: EngineOptions, run: RunRecord, signal: AbortSignal) {
    this.options = options;
    this.run = run;
    this.signal = signal;
    this.journal = new RunJournal(options.database, options.live, run.id);
  }

  /** From the base over M_0 to the last iteration. */
  async execute(): Promise<void> {
    let version = await this.evaluated(0, await this.warmUp(), undefined);
    for (let iteration = 1; iteration <= this.run.spec.iterations; iteration++) {
      const pairs = await this.buildPairs(iteration, version.checkpoint);
      const checkpoint = await this.train(iteration, version.checkpoint, pairs);
      version = await this.evaluated(iteration, checkpoint, version.evaluation);
    }
  }

  private context(iteration: number, phase: Phase): StepContext {
    throwIfAborted(this.signal);
    const { store, peers } = this.options;
    const { id: runId, spec, attempt } = this.run;
    const progress = (value: Partial<PhaseProgress>): void => this.journal.progress(iteration, phase, value);
    return { runId, spec, iteration, attempt, store, peers, signal: this.signal, progress };
  }

  /** M_0. */
  private async warmUp(): Promise<string> {
    const { baseCheckpoint, warmUp } = this.run.spec;
    if (warmUp.length === 0) return baseCheckpoint;
    const context = this.context(0, Phase.WARM_UP);
    const key = { iteration: 0, phase: Phase.WARM_UP, step: '' };
    const { result } = await this.journal.step(key, () => warmUpPhase(context, this.journal));
    return result.checkpoint;
  }

  private async buildPairs(iteration: number, checkpoint: string): Promise<BuiltPairs> {
    const step = '';
    const sampled = await this.journal.step(
      { iteration, phase: Phase.SAMPLE, step },
      () => samplePhase(this.context(iteration, Phase.SAMPLE), checkpoint),
      ({ result }) => ({ warnings: samplingWarnings(result) }),
    );
    const completions = sampled.artifacts['completions']!;
    const scored = await this.journal.step(
      { iteration, phase: Phase.SCORE, step },
      () => scorePhase(this.context(iteration, Phase.SCORE), { completions, samples: sampled.result.samples }),
      ({ result }) => ({ warnings: scoringWarnings(VerdictCounts.fromJSON(result.verdicts)) }),
    );
    const judged = { completions, verdicts: scored.artifacts['verdicts']!, problems: sampled.result.problems };
    const paired = await this.journal.step(
      { iteration, phase: Phase.PAIR, step },
      () => pairPhase(this.context(iteration, Phase.PAIR), judged),
      ({ result }) => ({ warnings: pairWarnings(PairReport.fromJSON(result.report)) }),
    );
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
    const { result } = await this.journal.step({ iteration, phase: Phase.TRAIN, step: '' }, work, (outcome) => {
      const trained = TrainResponse.fromJSON(outcome.result);
      return {
        checkpoint: checkpointOfRun(context, trained.checkpoint!, recipeOf(pairs)),
        warnings: trainingWarnings(trained, spec.training!.loss!.beta),
      };
    });
    return TrainResponse.fromJSON(result).checkpoint!.name;
  }

  /** Evaluates the iteration's checkpoint, which ends the iteration. */
  private async evaluated(iteration: number, checkpoint: string, before: Evaluation | undefined): Promise<Version> {
    const context = this.context(iteration, Phase.EVALUATE);
    const { testProblemSet: problemSet, evaluation: spec } = context.spec;
    const { result } = await this.journal.step({ iteration, phase: Phase.EVALUATE, step: '' }, async () => {
      const measured = await evaluate(context, { key: 'evaluate', checkpoint, problemSet, spec: spec! });
      const digest = digestOfName('evaluations', measured.name, 'name');
      return { result: Evaluation.toJSON(measured), usage: measured.usage!, artifacts: { evaluation: digest } };
    });
    const evaluation = Evaluation.fromJSON(result);
    if (!(await hasIteration(this.options.database, this.run.id, iteration))) {
      await this.journal.finishIteration(iteration, checkpoint, evaluationWarnings(evaluation, before));
    }
    return { checkpoint, evaluation };
  }
}

function recipeOf({ sampled, scored, paired }: BuiltPairs) {
  return {
    scorerVersion: scored.result.scorerVersion,
    pairRule: PairReport.fromJSON(paired.result.report).rule,
    templateDigests: sampled.result.templateDigests,
    artifacts: { ...sampled.artifacts, ...scored.artifacts, ...paired.artifacts },
  };
}
