import { countVerdict, JudgedProblem, scoreItemOf, Verdict, VerdictCounts, type ScoreItem } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { judgeInOrder, nameOfScorer, openJudge, type Judge } from '@hone/scoring';
import type { StepOutcome } from '../database/phases.ts';
import { withRetries } from './retry.ts';
import { problemsOfIteration } from './sample-phase.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** What the score phase gives. */
export interface ScoreResult {
  /** VerdictCounts, as JSON. */
  readonly verdicts: unknown;
  readonly scorer: string;
  readonly scorerVersion: string;
}

/** One batch travels while another is judged. */
const CALLS_IN_FLIGHT = 2;

/** Judges the sampled completions. The stored rows are Verdicts, in the order of the completions. */
export async function scorePhase(
  context: StepContext,
  sampled: { readonly completions: string; readonly samples: number },
): Promise<StepOutcome<ScoreResult>> {
  const { spec, store, peers, signal } = context;
  const usage = new UsageSum();
  const judge = openJudge(spec.scorer!, { ownAddress: peers.scorerAddress });
  const counts = VerdictCounts.fromPartial({});
  let done = 0;
  let scorerVersion = '';
  const items = itemsToScore(context, sampled.completions);
  async function* rows(): AsyncGenerator<object> {
    const judgements = judgeInOrder(patient(judge), items, { signal, callsInFlight: CALLS_IN_FLIGHT });
    for await (const { verdicts, usage: used } of judgements) {
      for (const call of used) usage.add(call);
      for (const verdict of verdicts) {
        countVerdict(counts, verdict);
        scorerVersion ||= verdict.scorerVersion;
        yield Verdict.toJSON(verdict) as object;
      }
      done += verdicts.length;
      context.progress({ done: BigInt(done), total: BigInt(sampled.samples), unit: 'completions' });
    }
  }
  try {
    const { digest } = await store.putJsonLines(rows(), { signal });
    const result = { verdicts: VerdictCounts.toJSON(counts), scorer: nameOfScorer(spec.scorer!), scorerVersion };
    return { result, usage: usage.total(), artifacts: { verdicts: digest } };
  } finally {
    judge.close();
  }
}

/** A judge that waits for a scorer that is being started again. */
const patient = (judge: Judge): Judge => ({
  judge: (items, signal = new AbortController().signal) => withRetries(() => judge.judge(items, signal), signal),
  close: () => judge.close(),
});

/** The completions with their problems' gold answers; both lists have the same order. */
async function* itemsToScore(context: StepContext, completions: string): AsyncGenerator<ScoreItem> {
  const problems = (await problemsOfIteration(context)).problems();
  for await (const row of context.store.readJsonLines(completions)) {
    const sampled = JudgedProblem.fromJSON(row);
    const { value: problem } = await problems.next();
    if (problem?.id !== sampled.problemId) throw mismatch(`completions of "${sampled.problemId}" have no problem`);
    for (const { completion } of sampled.completions) yield scoreItemOf(problem, completion!);
  }
}

function mismatch(message: string): HoneError {
  return new HoneError({ code: 'INTERNAL', reason: 'BAD_SCORES', message });
}
