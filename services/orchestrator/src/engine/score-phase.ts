import { Readable } from 'node:stream';
import {
  countVerdict,
  JudgedProblem,
  Phase,
  scoreItemOf,
  Verdict,
  VerdictCounts,
  type Problem,
  type ScoreItem,
} from '@hone/contracts';
import { internal } from '@hone/errors';
import { judgeInOrder, nameOfScorer, openJudge, type Judge } from '@hone/scoring';
import { shardStep, type StepKey, type StepOutcome } from '../database/phases.ts';
import { callService } from './call-service.ts';
import { problemsOfIteration } from './sample-phase.ts';
import { forEachShard, shardSizeOf, shardsOf } from './shards.ts';
import { UsageSum, type StepContext } from './step-context.ts';
import { scoringWarnings } from './warnings.ts';

/** What the score phase gives. */
export interface ScoreResult {
  /** VerdictCounts, as JSON. */
  readonly verdicts: unknown;
  readonly scorer: string;
  readonly scorerVersion: string;
}

/** What the score phase reads. */
export interface SampledCompletions {
  /** Digest of the completions. */
  readonly completions: string;
  readonly samples: number;
}

/** One batch travels while another is judged. */
const CALLS_IN_FLIGHT = 2;

/** Judges the sampled completions, shard by shard. The stored rows are Verdicts, in the order of the completions. */
export async function scorePhase(context: StepContext, sampled: SampledCompletions): Promise<StepOutcome<ScoreResult>> {
  const { spec, iteration, journal, peers } = context;
  const phase = { iteration, phase: Phase.SCORE };
  let count = 0;
  const shards = async (): Promise<void> => {
    const { addresses, scorerReach: reach } = peers;
    const judge = openJudge(spec.scorer!, { ownAddress: addresses.scorer, reach });
    const progress = progressOf(context, sampled.samples);
    try {
      const asked = askedAndAnswered(context, sampled.completions);
      await forEachShard(shardsOf(asked, shardSizeOf(spec)), context, ({ index, items }, signal) => {
        const scoreItems = items.flatMap(itemsOf);
        count = index + 1;
        return journal.step({ ...phase, step: shardStep(index) }, () =>
          storeVerdicts({ ...context, signal }, judge, scoreItems, progress),
        );
      });
    } finally {
      judge.close();
    }
  };
  return journal.phase(phase, () => joinShards(context, phase, count), {
    shards,
    effectsOf: ({ result }) => ({ warnings: scoringWarnings(VerdictCounts.fromJSON(result.verdicts)) }),
  });
}

/** Judges and stores a shard. */
async function storeVerdicts(
  context: StepContext,
  judge: Judge,
  items: readonly ScoreItem[],
  progress: (count: number) => void,
): Promise<StepOutcome<ScoreResult>> {
  const { spec, store, signal } = context;
  const usage = new UsageSum();
  const counts = VerdictCounts.fromPartial({});
  let scorerVersion = '';
  const sharing: Pick<Judge, 'judge'> = {
    judge: (some, callSignal = signal) =>
      callService(context, 'scorer', callSignal, () => judge.judge(some, callSignal)),
  };
  async function* rows(): AsyncGenerator<object> {
    const judgements = judgeInOrder(sharing, Readable.from(items), { signal, callsInFlight: CALLS_IN_FLIGHT });
    for await (const { verdicts, usage: used } of judgements) {
      for (const call of used) usage.add(call);
      for (const verdict of verdicts) {
        countVerdict(counts, verdict);
        scorerVersion ||= verdict.scorerVersion;
        yield Verdict.toJSON(verdict) as object;
      }
      progress(verdicts.length);
    }
  }
  const { digest } = await store.putJsonLines(rows(), { signal });
  const result = { verdicts: VerdictCounts.toJSON(counts), scorer: nameOfScorer(spec.scorer!), scorerVersion };
  return { result, usage: usage.total(), artifacts: { verdicts: digest } };
}

/** The shards' rows as one artifact. */
async function joinShards(
  { spec, store, journal, signal }: StepContext,
  phase: Omit<StepKey, 'step'>,
  count: number,
): Promise<StepOutcome<ScoreResult>> {
  const usage = new UsageSum();
  const counts = VerdictCounts.fromPartial({});
  const versions = new Set<string>();
  async function* rows(): AsyncGenerator<object> {
    for (let index = 0; index < count; index++) {
      const shard = await journal.outcomeOf<ScoreResult>({ ...phase, step: shardStep(index) });
      usage.addStep(shard.usage);
      addCounts(counts, VerdictCounts.fromJSON(shard.result.verdicts));
      versions.add(shard.result.scorerVersion);
      yield* store.readJsonLines<object>(shard.artifacts['verdicts']!);
    }
  }
  const { digest } = await store.putJsonLines(rows(), { signal });
  const scorer = nameOfScorer(spec.scorer!);
  // A scorer that was replaced meanwhile judged with several versions: all are named.
  const scorerVersion = [...versions].sort().join(', ');
  const result = { verdicts: VerdictCounts.toJSON(counts), scorer, scorerVersion };
  return { result, usage: usage.total(), artifacts: { verdicts: digest }, hasShards: true };
}

function addCounts(sum: VerdictCounts, counts: VerdictCounts): void {
  for (const key of Object.keys(sum) as (keyof VerdictCounts)[]) sum[key] += counts[key];
}

function progressOf({ progress }: StepContext, total: number): (count: number) => void {
  let done = 0;
  return (count) => {
    done += count;
    progress({ done: BigInt(done), total: BigInt(total), unit: 'completions' });
  };
}

/** A problem with the completions that were sampled for it. */
interface AskedAndAnswered {
  readonly problem: Problem;
  readonly sampled: JudgedProblem;
}

/** Problems with their completions; both lists have the same order. */
async function* askedAndAnswered(context: StepContext, completions: string): AsyncGenerator<AskedAndAnswered, void> {
  const problems = (await problemsOfIteration(context)).problems();
  try {
    for await (const row of context.store.readJsonLines(completions)) {
      const sampled = JudgedProblem.fromJSON(row);
      const { value: problem } = await problems.next();
      if (problem?.id !== sampled.problemId) throw internal(`completions of "${sampled.problemId}" have no problem`);
      yield { problem, sampled };
    }
  } finally {
    await problems.return();
  }
}

/** The completions of a problem with its gold answer. */
function itemsOf({ problem, sampled }: AskedAndAnswered): ScoreItem[] {
  return sampled.completions.map(({ completion }) => scoreItemOf(problem, completion!));
}
