import { Readable } from 'node:stream';
import {
  countVerdict,
  digestOfName,
  JudgedProblem,
  Problem,
  ScoreItem,
  scoreItemOf,
  StepKind,
  Verdict,
  VerdictCounts,
} from '@hone/contracts';
import { internal } from '@hone/errors';
import type { RowsRef } from '@hone/recipes';
import { mapInOrder, piecesOf } from '@hone/streams';
import type { StepOutcome } from '../ledger/steps.ts';
import type { Judge, Judgement } from '../ports/services.ts';
import { callService } from './call-service.ts';
import { forEachShard, shardSizeOf, shardsOf } from './shards.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** Version of the rows' form: Verdict. */
export const VERDICTS_VERSION = 1;
/** One batch travels while another is judged. */
const CALLS_IN_FLIGHT = 2;
/** Of a call. */
const PIECES = { maxItems: 256, maxBytes: 2 << 20 };

type ScoreOutcome = StepOutcome<StepKind.SCORE>;

/** What is judged. */
export interface ScoreJob {
  readonly completions: RowsRef<'completions'>;
  readonly samples: number;
  readonly samplesPerProblem: number;
}

/** Judges the sampled completions, shard by shard. The stored rows are Verdicts, in the order of the completions. */
export async function score(context: StepContext<StepKind.SCORE>, job: ScoreJob): Promise<ScoreOutcome> {
  const { spec, journal, key, services } = context;
  const judge = services.openJudge(spec.scorer!);
  const progress = progressOf(context, job.samples);
  try {
    const shards = shardsOf(askedAndAnswered(context, job.completions), shardSizeOf(spec, job.samplesPerProblem));
    await forEachShard(shards, context, ({ firstRow, items }, signal) => {
      const scoreItems = items.flatMap(itemsOf);
      return journal.shard(key, firstRow, () => storeVerdicts({ ...context, signal }, judge, scoreItems, progress));
    });
  } finally {
    judge.close();
  }
  return joinShards(context, judge.name);
}

const verdictRows = (digest: string, count: number) =>
  ({ kind: 'verdicts', version: VERDICTS_VERSION, digest, count }) as const;

/** Judges and stores a shard. */
async function storeVerdicts(
  context: StepContext,
  judge: Judge,
  items: readonly ScoreItem[],
  progress: (count: number) => void,
): Promise<ScoreOutcome> {
  const { store, signal } = context;
  const usage = new UsageSum();
  const counts = VerdictCounts.fromPartial({});
  let scorerVersion = '';
  async function* rows(): AsyncGenerator<object> {
    for await (const { verdicts, usage: used } of judgements(context, judge, items)) {
      for (const call of used) usage.add(call);
      for (const verdict of verdicts) {
        countVerdict(counts, verdict);
        scorerVersion ||= verdict.scorerVersion;
        yield Verdict.toJSON(verdict) as object;
      }
      progress(verdicts.length);
    }
  }
  const { digest, count } = await store.putJsonLines(rows(), { signal });
  const result = { verdicts: counts, scorer: judge.name, scorerVersion };
  return { result, usage: usage.total(), artifacts: { verdicts: verdictRows(digest, count) } };
}

/** Judges items in calls of bounded size; what it gives is in the order of the items. */
function judgements(context: StepContext, judge: Judge, items: readonly ScoreItem[]): AsyncGenerator<Judgement, void> {
  const bytesOf = (item: ScoreItem): number => ScoreItem.encode(item).finish().length;
  const pieces = piecesOf(Readable.from(items), { ...PIECES, bytesOf });
  return mapInOrder(pieces, { width: CALLS_IN_FLIGHT, signal: context.signal }, (piece, signal) =>
    callService(context, 'scorer', signal, () => judge.judge(piece, signal)),
  );
}

/** The shards' rows as one artifact. */
async function joinShards(
  { store, journal, key, signal }: StepContext<StepKind.SCORE>,
  scorer: string,
): Promise<ScoreOutcome> {
  const usage = new UsageSum();
  const counts = VerdictCounts.fromPartial({});
  const versions = new Set<string>();
  const shards = await journal.shards(key);
  for (const { result, usage: used } of shards) {
    usage.addShard(used);
    addCounts(counts, result.verdicts!);
    versions.add(result.scorerVersion);
  }
  async function* rows(): AsyncGenerator<object> {
    for (const { artifacts } of shards) yield* store.readJsonLines<object>(artifacts['verdicts']!.digest);
  }
  const { digest, count } = await store.putJsonLines(rows(), { signal });
  // A scorer that was replaced meanwhile judged with several versions: all are named.
  const result = { verdicts: counts, scorer, scorerVersion: [...versions].sort().join(', ') };
  return { result, usage: usage.total(), artifacts: { verdicts: verdictRows(digest, count) } };
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

/** Problems with their completions, which stand in the order of the problem set. */
async function* askedAndAnswered(
  { store, spec }: StepContext,
  { digest }: RowsRef<'completions'>,
): AsyncGenerator<AskedAndAnswered, void> {
  const problems = store.readJsonLines(digestOfName('problemSets', spec.trainProblemSet, 'spec.train_problem_set'));
  try {
    for await (const row of store.readJsonLines(digest)) {
      const sampled = JudgedProblem.fromJSON(row);
      let asked = await problems.next();
      // Only some of the problems were drawn.
      while (!asked.done && (asked.value as { id?: string }).id !== sampled.problemId) asked = await problems.next();
      if (asked.done) throw internal(`completions of "${sampled.problemId}" have no problem`);
      yield { problem: Problem.fromJSON(asked.value), sampled };
    }
  } finally {
    await problems.return(undefined);
  }
}

/** The completions of a problem with its gold answer. */
function itemsOf({ problem, sampled }: AskedAndAnswered): ScoreItem[] {
  return sampled.completions.map(({ completion }) => scoreItemOf(problem, completion!));
}
