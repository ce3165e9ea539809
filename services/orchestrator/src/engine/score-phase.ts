import { countVerdict, JudgedProblem, ScoreItem, scoreItemOf, ScoreRequest, Verdict, VerdictCounts } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import type { StepOutcome } from '../database/phases.ts';
import { withRetries } from './retry.ts';
import { problemsOfIteration } from './sample-phase.ts';
import { UsageSum, type StepContext } from './step-context.ts';
import { mapInOrder, piecesOf } from './streams.ts';

/** What the score phase gives. */
export interface ScoreResult {
  /** VerdictCounts, as JSON. */
  readonly verdicts: unknown;
  readonly scorer: string;
  readonly scorerVersion: string;
}

const MAX_ITEMS_PER_CALL = 256;
const MAX_REQUEST_BYTES = 2 << 20;
/** One batch travels while another is judged. */
const CALLS_IN_FLIGHT = 2;

/** Judges the sampled completions. The stored rows are Verdicts, in the order of the completions. */
export async function scorePhase(
  context: StepContext,
  sampled: { readonly completions: string; readonly samples: number },
): Promise<StepOutcome<ScoreResult>> {
  const { spec, store, peers, signal } = context;
  const usage = new UsageSum();
  const scorer = peers.scorerAt(spec.scorer!.address);
  const counts = VerdictCounts.fromPartial({});
  let done = 0;
  let scorerVersion = '';
  const batches = piecesOf(itemsToScore(context, sampled.completions), {
    maxItems: MAX_ITEMS_PER_CALL,
    maxBytes: MAX_REQUEST_BYTES,
    bytesOf: (item) => ScoreItem.encode(item).finish().length,
  });
  const judge = async (items: ScoreItem[], batchSignal: AbortSignal): Promise<Verdict[]> => {
    const request = ScoreRequest.fromPartial({ scorer: spec.scorer!.name, items });
    const call = () => callUnary(scorer, 'score', request, { signal: batchSignal });
    const { verdicts, usage: used } = await withRetries(call, batchSignal);
    usage.add(used);
    requireInOrder(items, verdicts);
    return verdicts;
  };
  async function* rows(): AsyncGenerator<object> {
    for await (const verdicts of mapInOrder(batches, { width: CALLS_IN_FLIGHT, signal }, judge)) {
      for (const verdict of verdicts) {
        countVerdict(counts, verdict);
        yield Verdict.toJSON(verdict) as object;
      }
      scorerVersion = verdicts[0]!.scorerVersion;
      done += verdicts.length;
      context.progress({ done: BigInt(done), total: BigInt(sampled.samples), unit: 'completions' });
    }
  }
  const { digest } = await store.putJsonLines(rows(), { signal });
  const result = { verdicts: VerdictCounts.toJSON(counts), scorer: spec.scorer!.name, scorerVersion };
  return { result, usage: usage.total(), artifacts: { verdicts: digest } };
}

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

function requireInOrder(items: readonly ScoreItem[], verdicts: readonly Verdict[]): void {
  const fits = items.length === verdicts.length && items.every(({ id }, index) => verdicts[index]!.id === id);
  if (!fits) throw mismatch(`the scorer answered ${items.length} items with verdicts of others`);
}

function mismatch(message: string): HoneError {
  return new HoneError({ code: 'INTERNAL', reason: 'BAD_SCORES', message });
}
