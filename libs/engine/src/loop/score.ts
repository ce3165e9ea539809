import { Readable } from 'node:stream';
import {
  countVerdict,
  judgeInOrder,
  scoreItemOf,
  Verdict,
  VerdictCounts,
  type JudgedProblem,
  type ScoreItem,
  type StepKind,
} from '@hone/contracts';
import { judgedProblems, rowsRefOf } from '@hone/datasets';
import type { JudgingModel, Samples } from '@hone/recipes';
import type { StepOutcome } from '../ledger/steps.ts';
import { joinRows } from './join-rows.ts';
import { modelJudge, scorerJudge, type StepJudge } from './judges.ts';
import { problemSetOf } from './problem-draw.ts';
import { figuresOf, NO_PROBLEMS, saidBy, sumOf, type Said } from './problem-figures.ts';
import { forEachShard, shardSizeOf, shardsOf } from './shards.ts';
import { progressOf, UsageSum, type StepContext } from './step-context.ts';

/** One batch travels while another is judged. */
const CALLS_IN_FLIGHT = 2;

type ScoreOutcome = StepOutcome<StepKind.SCORE>;

/** What is judged, and by which model; by the run's scorer where none is named. */
export interface ScoreJob extends Omit<Samples, 'provenance'> {
  readonly judge?: JudgingModel | undefined;
}

/** Judges the sampled completions, shard by shard. The stored rows are Verdicts, in the order of the completions. */
export async function score(context: StepContext<StepKind.SCORE>, job: ScoreJob): Promise<ScoreOutcome> {
  const { spec, store, journal, key, services } = context;
  const judge = job.judge ? modelJudge(context, job.judge) : scorerJudge(context);
  const progress = progressOf(context, job.samples, 'completions');
  const problems = problemSetOf(spec, job);
  const asked = judgedProblems(store, { completions: job.completions.digest, problems });
  const shards = shardsOf(asked, shardSizeOf(spec, job.samplesPerProblem));
  const capacity = (): number => services.capacityOf(judge.service).capacity;
  await forEachShard(shards, { ...context, capacity }, ({ firstRow, items }, signal) => {
    return journal.shard(key, firstRow, () => storeVerdicts({ ...context, signal }, judge, items, progress));
  });
  return joinShards(context, judge.name);
}

/** Judges and stores a shard. */
async function storeVerdicts(
  { store, signal }: StepContext,
  judge: StepJudge,
  problems: readonly JudgedProblem[],
  progress: (count: number) => void,
): Promise<ScoreOutcome> {
  const usage = new UsageSum();
  const counts = VerdictCounts.fromPartial({});
  const said: (Said | undefined)[] = [];
  const items = problems.flatMap(itemsOf);
  let scorerVersion = '';
  async function* rows(): AsyncGenerator<object> {
    const options = { signal, callsInFlight: CALLS_IN_FLIGHT };
    const judgements = judgeInOrder((piece, until) => judge.judge(piece, until), Readable.from(items), options);
    for await (const { verdicts, usage: used } of judgements) {
      for (const call of used) usage.add(call);
      for (const verdict of verdicts) {
        countVerdict(counts, verdict);
        said.push(saidBy(verdict));
        scorerVersion ||= verdict.scorerVersion;
        yield Verdict.toJSON(verdict) as object;
      }
      progress(verdicts.length);
    }
  }
  const stored = await store.putJsonLines(rows(), { signal });
  const figures = await figuresOf(byProblem(problems, said), (sets) => judge.groupAnswers(sets, signal));
  const result = { verdicts: counts, scorer: judge.name, scorerVersion, ...figures };
  return { result, usage: usage.total(), artifacts: { verdicts: rowsRefOf('verdicts', stored) } };
}

/** The shards' rows as one artifact. */
async function joinShards(context: StepContext<StepKind.SCORE>, scorer: string): Promise<ScoreOutcome> {
  const usage = new UsageSum();
  const counts = VerdictCounts.fromPartial({});
  const versions = new Set<string>();
  let figures = NO_PROBLEMS;
  const shards = await context.journal.shards(context.key);
  for (const { result, usage: used } of shards) {
    usage.addShard(used);
    addCounts(counts, result.verdicts!);
    figures = sumOf(figures, result);
    versions.add(result.scorerVersion);
  }
  const joined = await joinRows(context, shards, { kind: 'verdicts' });
  // A scorer that was replaced meanwhile judged with several versions: all are named.
  const result = { verdicts: counts, scorer, scorerVersion: [...versions].sort().join(', '), ...figures };
  return { result, usage: usage.total(), artifacts: { verdicts: joined } };
}

function addCounts(sum: VerdictCounts, counts: VerdictCounts): void {
  for (const key of Object.keys(sum) as (keyof VerdictCounts)[]) sum[key] += counts[key];
}

/** The completions of a problem, each with its gold answer. */
function itemsOf({ problem, completions }: JudgedProblem): ScoreItem[] {
  return completions.map(({ completion }) => scoreItemOf(problem!, completion!));
}

/** What was said of each problem's completions, of which the scorer judged those that it did not fail on. */
function byProblem(problems: readonly JudgedProblem[], said: readonly (Said | undefined)[]): Said[][] {
  let end = 0;
  return problems.map(({ completions: { length } }) => {
    end += length;
    return said.slice(end - length, end).filter((one) => one !== undefined);
  });
}
