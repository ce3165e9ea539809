import {
  Evaluation,
  LIMITS,
  VerdictState,
  type EvaluateMetadata,
  type EvaluateRequest,
  type ResourceUsage,
} from '@hone/contracts';
import { HoneError, invalidArgument, throwIfAborted } from '@hone/errors';
import type { RunningOperation } from '@hone/rpc';
import { openJudge } from '@hone/scoring';
import type { EvaluateOptions } from './evaluate-options.ts';
import { Journal, type JournalEntry } from './journal.ts';
import { judgedSamples, type PassOptions } from './judged-samples.ts';
import {
  greedyAccuracy,
  greedyBootstrap,
  groupResults,
  majorityResult,
  majorityVotes,
  resultsAtK,
} from './measures.ts';
import { ProblemSource, type Survey } from './problem-source.ts';
import type { CheckedRequest, Pass } from './request-rules.ts';
import { storeEvaluation } from './stored-evaluations.ts';
import { Tally } from './tally.ts';
import { castVotes } from './votes.ts';

/** Both passes' outcomes; a pass that was not asked for has none. */
interface Tallies {
  readonly greedy: Tally | undefined;
  readonly majority: Tally | undefined;
}

/** Measures a checkpoint: a greedy pass and a voting pass over the problems, each where asked for. */
export async function runEvaluation(
  request: EvaluateRequest,
  checked: CheckedRequest,
  operation: RunningOperation<EvaluateMetadata>,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const started = performance.now();
  const problems = new ProblemSource(options.store, checked.problemSetDigest, checked.limit);
  const survey = await problems.survey();
  requireCountable(survey.ids.length, checked);
  const usage = new UsageSum();
  const tallies = await judgeAll({ request, checked, problems, survey, usage, operation, options });
  const measured = await evaluationOf(request, checked, survey, tallies);
  throwIfAborted(operation.signal);
  const name = await storeEvaluation(options.store, measured, survey, tallies);
  await new Journal(options.storeDir, request).remove();
  return { ...measured, name, usage: usage.total((performance.now() - started) / 1000) };
}

function requireCountable(problems: number, { greedy, majority }: CheckedRequest): void {
  const completions = problems * Math.max(greedy?.n ?? 0, majority?.n ?? 0);
  if (completions <= LIMITS.completions) return;
  const rule = `must be less: ${problems} problems would take ${completions} completions, and at most ${LIMITS.completions} are counted`;
  throw invalidArgument('spec.majority.samples', rule);
}

interface Judging {
  readonly request: EvaluateRequest;
  readonly checked: CheckedRequest;
  readonly problems: ProblemSource;
  readonly survey: Survey;
  readonly usage: UsageSum;
  readonly operation: RunningOperation<EvaluateMetadata>;
  readonly options: EvaluateOptions;
}

/** Samples and scores what the journal does not hold yet. */
async function judgeAll(judging: Judging): Promise<Tallies> {
  const { request, checked, problems, survey, usage, operation, options } = judging;
  const journal = new Journal(options.storeDir, request);
  const judge = openJudge(request.scorer!, { servers: options.peers, reach: options.reach });
  const kept = await journal.read();
  const progress = new Progress(survey.ids.length, [checked.greedy, checked.majority], operation);
  const run = async (name: JournalEntry['pass']): Promise<Tally | undefined> => {
    const pass = checked[name];
    if (!pass) return undefined;
    const tally = new Tally(survey.ids.length, pass.n);
    for (const entry of kept) if (entry.pass === name) tally.add(entry);
    const isDone = survey.ids.map((_, index) => tally.isComplete(index));
    progress.advance(pass.n * isDone.filter(Boolean).length);
    const passOptions: PassOptions = {
      ...{ n: pass.n, sampling: pass.sampling, sampler: options.peers.at('sampler', request.sampler), judge },
      ...{ checkpoint: checked.checkpoint, seed: request.seed, signal: operation.signal },
      onUsage: (used) => usage.add(used),
    };
    for await (const judged of judgedSamples(
      problems.all((index) => isDone[index]!),
      passOptions,
    )) {
      for (const outcome of judged) tally.add(outcome);
      // A scorer that failed may do better when the evaluation is asked for again.
      const sound = judged.filter(({ outcome }) => outcome.state !== VerdictState.ERROR);
      await journal.append(sound.map((outcome) => ({ ...outcome, pass: name })));
      progress.advance(judged.length);
    }
    return tally;
  };
  try {
    const [greedy, majority] = [await run('greedy'), await run('majority')];
    if (greedy && majority) majority.requireSameScorer(greedy.scorerVersion);
    if (majority) await castVotes(majority, judge, operation.signal);
    return { greedy, majority };
  } catch (thrown) {
    // What two versions of a scorer said is of no use to either.
    if (thrown instanceof HoneError && thrown.reason === 'SCORER_CHANGED') await journal.remove();
    throw thrown;
  } finally {
    await journal.close();
  }
}

async function evaluationOf(
  request: EvaluateRequest,
  checked: CheckedRequest,
  { subjects, levels, templateDigests }: Survey,
  { greedy, majority }: Tallies,
): Promise<Evaluation> {
  const { seed } = request;
  const voting = checked.majority;
  const votes = majority ? await majorityVotes(majority.measured, voting!.k, seed) : [];
  const passes = { greedy, majority, votes };
  return Evaluation.fromPartial({
    checkpoint: request.checkpoint,
    problemSet: request.problemSet,
    scorer: request.scorer!,
    scorerVersion: greedy?.scorerVersion || majority?.scorerVersion || '',
    spec: request.spec!,
    seed,
    templateDigests,
    greedy: greedy && greedyAccuracy(greedy),
    greedyBootstrap: greedy && (await greedyBootstrap(greedy, seed)),
    greedyCompletions: greedy?.counts,
    majority: majority && majorityResult(majority, voting!.k, votes),
    atK: majority ? await resultsAtK(majority, voting!.ks, seed) : [],
    subjects: groupResults(subjects, passes),
    levels: groupResults(levels, passes),
  });
}

/** Publishes how many completions are judged. */
class Progress {
  private done = 0;
  private readonly total: number;
  private readonly operation: RunningOperation<EvaluateMetadata>;

  constructor(problems: number, passes: (Pass | undefined)[], operation: RunningOperation<EvaluateMetadata>) {
    this.total = problems * passes.reduce((sum, pass) => sum + (pass?.n ?? 0), 0);
    this.operation = operation;
    operation.report({ done: 0, total: this.total });
  }

  advance(completions: number): void {
    this.done += completions;
    this.operation.report({ done: this.done, total: this.total });
  }
}

/** Adds up what the calls of the sampler used; they run one after the other. */
class UsageSum {
  private cpuSeconds = 0;
  private peakMemoryBytes = 0n;
  private tokens = 0n;

  add(used: ResourceUsage): void {
    this.cpuSeconds += used.cpuSeconds;
    this.tokens += used.tokens;
    if (used.peakMemoryBytes > this.peakMemoryBytes) this.peakMemoryBytes = used.peakMemoryBytes;
  }

  total(seconds: number): ResourceUsage {
    const { cpuSeconds, peakMemoryBytes, tokens } = this;
    return { seconds, cpuSeconds, peakMemoryBytes, tokens };
  }
}
