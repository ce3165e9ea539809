/** Gathers what was measured of runs: accuracies, problems, tokens, log-probs. */
import type { MeasuredIteration, MeasuredRun, Moved, PairLogProbs, RunEnd } from '@hone/comparison';
import {
  ListOutcomesRequest,
  measuredOutcomes,
  resultOf,
  RunState,
  StepKind,
  type Iteration,
  type TrainResponse,
} from '@hone/contracts';
import { callServerStream } from '@hone/rpc';
import type { ProblemOutcome } from '@hone/statistics';
import type { Clients } from '../platform/platform.ts';
import { isByBudget, type Ended } from './run-all.ts';

async function outcomesOf({ evaluator }: Clients, evaluation: string): Promise<ProblemOutcome[]> {
  const outcomes: ProblemOutcome[] = [];
  const request = ListOutcomesRequest.fromPartial({ evaluation });
  for await (const row of callServerStream(evaluator, 'listOutcomes', request)) outcomes.push(measuredOutcomes(row));
  return outcomes;
}

/** Steps that draw tokens; a score step does where a model judges. */
const DRAWING = [StepKind.WRITE, StepKind.SAMPLE, StepKind.SCORE];

const tokensOf = ({ steps }: Iteration, kinds: readonly StepKind[]): number =>
  steps.filter((step) => kinds.includes(step.kind)).reduce((sum, { usage }) => sum + Number(usage?.tokens ?? 0n), 0);

function movedIn(training: TrainResponse | undefined): { chosen: Moved; rejected: Moved } | undefined {
  const { first, last } = training ?? {};
  // Trainings on examples have no rejected completions.
  if (!first?.rejectedLogProb || !last) return undefined;
  return {
    chosen: { first: first.chosenLogProb, last: last.chosenLogProb },
    rejected: { first: first.rejectedLogProb, last: last.rejectedLogProb },
  };
}

/** How a run ended. */
function endOf({ run }: Ended): RunEnd {
  if (run.state === RunState.SUCCEEDED) return 'succeeded';
  return isByBudget(run) ? 'budget' : 'failed';
}

/** Log-probs of a seed's pairs under a checkpoint. */
type PairsUnder = (seed: number, checkpoint: string) => Promise<readonly PairLogProbs[]>;

/** All that was measured of a run, as far as it came. */
export async function measure(clients: Clients, ended: Ended, pairsUnder: PairsUnder): Promise<MeasuredRun> {
  const { method, seed, run } = ended;
  const iterations: MeasuredIteration[] = [];
  const tokens = { sampled: 0, trained: 0 };
  for (const iteration of run.iterations) {
    tokens.sampled += tokensOf(iteration, DRAWING);
    tokens.trained += tokensOf(iteration, [StepKind.TRAIN]);
    const evaluation = resultOf(iteration, 'evaluate');
    if (!evaluation || iteration.checkpoint === '') continue;
    const { greedy, majority } = evaluation;
    iterations.push({
      iteration: iteration.index,
      checkpoint: iteration.checkpoint,
      greedy,
      majority: majority?.accuracy && { k: majority.k, ...majority.accuracy },
      outcomes: await outcomesOf(clients, evaluation.name),
      tokens: { ...tokens },
      training: movedIn(resultOf(iteration, 'train')),
      pairs: await pairsUnder(seed, iteration.checkpoint),
    });
  }
  const end = endOf(ended);
  return { method, seed, run: run.name, end, error: end === 'failed' ? run.error : '', iterations };
}
