import { Evaluation, Iteration, RuleReport, Phase, TrainResponse, VerdictCounts } from '@hone/contracts';
import type { Queryable } from '@hone/database';
import { listPhases, type StepRecord } from '../database/phases.ts';
import type { PairResult } from './pair-phase.ts';
import type { SampleResult } from './sample-phase.ts';
import type { ScoreResult } from './score-phase.ts';
import type { WarmUpResult } from './warm-up-phase.ts';

/** What a finished phase adds to its iteration. */
function contribution({ phase, result }: StepRecord): Partial<Iteration> {
  switch (phase) {
    case Phase.WARM_UP:
      return { checkpoint: (result as WarmUpResult).checkpoint };
    case Phase.SAMPLE:
      return { samples: (result as SampleResult).samples };
    case Phase.SCORE:
      return { verdicts: VerdictCounts.fromJSON((result as ScoreResult).verdicts) };
    case Phase.PAIR:
      return { pairReport: RuleReport.fromJSON((result as PairResult).report) };
    case Phase.TRAIN: {
      const training = TrainResponse.fromJSON(result);
      return { training, checkpoint: training.checkpoint!.name };
    }
    case Phase.EVALUATE: {
      const evaluation = Evaluation.fromJSON(result);
      return { evaluation, checkpoint: evaluation.checkpoint };
    }
    case Phase.SELECT: {
      const selection = Evaluation.fromJSON(result);
      return { selection, checkpoint: selection.checkpoint };
    }
    case Phase.UNSPECIFIED:
      return {};
  }
}

function assemble(runId: string, index: number, phases: readonly StepRecord[]): Iteration {
  const empty = Iteration.fromPartial({ name: `runs/${runId}/iterations/${index}`, index });
  return phases.reduce<Iteration>(
    (iteration, phase) => ({
      ...iteration,
      ...contribution(phase),
      phases: [...iteration.phases, { phase: phase.phase, usage: phase.usage }],
      artifacts: { ...iteration.artifacts, ...phase.artifacts },
    }),
    empty,
  );
}

/** A run's iterations so far, from its finished phases. */
export async function iterationsOf(database: Queryable, runId: string): Promise<Iteration[]> {
  const byIteration = new Map<number, StepRecord[]>();
  for (const phase of await listPhases(database, runId)) {
    byIteration.set(phase.iteration, [...(byIteration.get(phase.iteration) ?? []), phase]);
  }
  return [...byIteration].map(([index, phases]) => assemble(runId, index, phases));
}

/** One iteration, whose checkpoint is known. */
export async function iterationOf(
  database: Queryable,
  runId: string,
  index: number,
  checkpoint: string,
): Promise<Iteration> {
  const phases = (await listPhases(database, runId)).filter(({ iteration }) => iteration === index);
  return { ...assemble(runId, index, phases), checkpoint };
}
