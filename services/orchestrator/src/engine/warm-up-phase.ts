import {
  Evaluation,
  EvaluationSpec,
  Phase,
  TrainResponse,
  type ResourceUsage,
  type WarmUpStage,
} from '@hone/contracts';
import { failedPrecondition, type HoneError } from '@hone/errors';
import type { StepOutcome } from '../database/phases.ts';
import { seedOf } from '../seeds.ts';
import { evaluate } from './evaluate-phase.ts';
import { checkpointOfRun } from './recipe.ts';
import { UsageSum, type StepContext } from './step-context.ts';
import { train } from './train-phase.ts';

/** One repetition of a stage. */
export interface WarmUpRound {
  readonly stage: number;
  readonly round: number;
  readonly checkpoint: string;
  /** Greedy accuracy on the validation set; null where no target asks for it. */
  readonly accuracy: number | null;
}

/** What the warm-up phase gives. */
export interface WarmUpResult {
  /** M_0. */
  readonly checkpoint: string;
  readonly rounds: readonly WarmUpRound[];
}

/** Makes M_0 from the base, stage by stage. Every training and every measurement is a step of its own. */
export async function warmUpPhase(context: StepContext): Promise<StepOutcome<WarmUpResult>> {
  const used: ResourceUsage[] = [];
  const rounds: WarmUpRound[] = [];
  let checkpoint = context.spec.baseCheckpoint;
  const stages = async (): Promise<void> => {
    for (const [stage, settings] of context.spec.warmUp.entries()) {
      for await (const round of roundsOf(context, used, { stage, settings, start: checkpoint })) {
        rounds.push(round);
        checkpoint = round.checkpoint;
      }
    }
  };
  const finish = async (): Promise<StepOutcome<WarmUpResult>> => {
    const usage = new UsageSum();
    for (const step of used) usage.addStep(step);
    return { result: { checkpoint, rounds }, usage: usage.total(), artifacts: {}, hasShards: true };
  };
  return context.journal.phase({ iteration: 0, phase: Phase.WARM_UP }, finish, { shards: stages });
}

interface Stage {
  readonly stage: number;
  readonly settings: WarmUpStage;
  readonly start: string;
}

/** Repeats a stage, each time from where the last one ended, until it is good enough. */
async function* roundsOf(
  run: StepContext,
  used: ResourceUsage[],
  { stage, settings, start }: Stage,
): AsyncGenerator<WarmUpRound> {
  const maxRounds = Math.max(1, settings.maxRounds);
  const wanted = settings.targetAccuracy;
  let checkpoint = start;
  let accuracy: number | null = null;
  for (let round = 1; round <= maxRounds; round++) {
    const key = `stage-${stage}/round-${round}`;
    const part = `stage ${stage + 1} of ${run.spec.warmUp.length}, round ${round} of ${maxRounds}`;
    const context = withPart(run, part);
    const trained = await trainStep(context, settings, { key, checkpoint });
    used.push(trained.usage);
    checkpoint = TrainResponse.fromJSON(trained.result).checkpoint!.name;
    accuracy = wanted > 0 ? await measureStep(withPart(run, `${part}, measured`), used, { key, checkpoint }) : null;
    yield { stage, round, checkpoint, accuracy };
    if (accuracy === null || accuracy >= wanted) return;
  }
  throw targetMissed(stage, settings, accuracy!, maxRounds);
}

/** The context of a part of the phase, whose progress says so. */
function withPart(context: StepContext, part: string): StepContext {
  return { ...context, progress: (progress) => context.progress({ ...progress, part }) };
}

async function trainStep(
  context: StepContext,
  { dataset, training }: WarmUpStage,
  { key, checkpoint }: { readonly key: string; readonly checkpoint: string },
): Promise<StepOutcome<unknown>> {
  const name = `${key}/train`;
  const work = async (): Promise<StepOutcome<unknown>> => {
    const seed = seedOf(context.spec.seed, 0, 'train', key);
    const displayName = `${context.spec.displayName || context.runId} warm-up ${key}`;
    const trained = await train(context, { key: name, checkpoint, dataset, training: training!, seed, displayName });
    return { result: TrainResponse.toJSON(trained), usage: trained.usage!, artifacts: {} };
  };
  const step = { iteration: 0, phase: Phase.WARM_UP, step: name };
  await context.journal.step(step, work, ({ result }) => {
    const { checkpoint, warnings } = TrainResponse.fromJSON(result);
    return { checkpoint: checkpointOfRun(context, checkpoint!, {}), warnings };
  });
  return context.journal.outcomeOf(step);
}

async function measureStep(
  context: StepContext,
  used: ResourceUsage[],
  { key, checkpoint }: { readonly key: string; readonly checkpoint: string },
): Promise<number> {
  const name = `${key}/evaluate`;
  const step = { iteration: 0, phase: Phase.WARM_UP, step: name };
  await context.journal.step(step, async () => {
    const { maxTokens } = context.spec.evaluation!;
    const spec = EvaluationSpec.fromPartial({ greedy: true, maxTokens });
    const problemSet = context.spec.validationProblemSet;
    const evaluation = await evaluate(context, { key: name, checkpoint, problemSet, spec });
    return { result: Evaluation.toJSON(evaluation), usage: evaluation.usage!, artifacts: {} };
  });
  const measured = await context.journal.outcomeOf(step);
  used.push(measured.usage);
  return Evaluation.fromJSON(measured.result).greedy!.accuracy;
}

function targetMissed(stage: number, { targetAccuracy }: WarmUpStage, reached: number, rounds: number): HoneError {
  return failedPrecondition(
    'WARM_UP_TARGET_MISSED',
    `spec.warm_up[${stage}]: greedy accuracy on the validation set is ${(100 * reached).toFixed(1)} % after ${rounds} ` +
      `round(s), below the target of ${(100 * targetAccuracy).toFixed(1)} %: raise max_rounds, epochs or max_steps, or ` +
      'lower target_accuracy, in a new run',
  );
}
