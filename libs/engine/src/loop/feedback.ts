/** Asking people which of two completions is better: into the queue, until enough is said, and out of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOfName, FeedbackResult, ProblemComparisons, type StepKind } from '@hone/contracts';
import { judgedProblems, rowsRefOf } from '@hone/datasets';
import { failedPrecondition, throwIfAborted } from '@hone/errors';
import {
  askItems,
  comparisonRows,
  comparisonsOf,
  finishedOf,
  progressOf,
  withdrawOpen,
  type AskingStep,
  type NewItem,
} from '@hone/feedback';
import type { FeedbackSettings, Samples } from '@hone/recipes';
import { piecesOf } from '@hone/streams';
import type { StepOutcome } from '../ledger/steps.ts';
import { throwIfPausing } from '../scheduling/pausing.ts';
import { withRetries } from '../scheduling/retry.ts';
import { seedOfStep } from './seeds.ts';
import { UsageSum, type StepContext } from './step-context.ts';

type FeedbackContext = StepContext<StepKind.FEEDBACK>;

/** Items that are put into the queue at once. */
const PIECE = { maxItems: 200, maxBytes: 4 << 20 };
/** How often it is looked whether people are done. */
const LOOK_MS = 500;

/** What was asked of how many problems. */
interface Asking {
  problems: number;
  problemsWithout: number;
  items: number;
}

/** Has people compare completions. The stored rows are ProblemComparisons: what was said, and by whom, but not when. */
export async function feedback(
  context: FeedbackContext,
  { completions }: Samples,
  settings: FeedbackSettings,
): Promise<StepOutcome<StepKind.FEEDBACK>> {
  const { runId, iteration, key, store, database, signal, whileIdle } = context;
  const step: AskingStep = { runId, iteration, step: key.name };
  const asking: Asking = { problems: 0, problemsWithout: 0, items: 0 };
  await ask(context, step, itemsOf(context, completions.digest, settings, asking), settings);
  if (asking.items === 0) throw nothingToCompare(asking);
  await whileIdle(() => untilEnough(context, step, settings.enough));
  // From here on nothing changes, so that whoever does this step again finds the same.
  await withRetries(() => withdrawOpen(database, step), signal);
  const progress = await withRetries(() => progressOf(database, step), signal);
  async function* rows(): AsyncGenerator<object> {
    for await (const row of comparisonRows(database, step)) yield ProblemComparisons.toJSON(row) as object;
  }
  const stored = await withRetries(() => store.putJsonLines(rows(), { signal }), signal);
  const { problems, problemsWithout } = asking;
  const result = FeedbackResult.fromPartial({ problems, problemsWithout, progress });
  return { result, usage: new UsageSum().total(), artifacts: { comparisons: rowsRefOf('comparisons', stored) } };
}

/** The items of all problems, in their order; what is asked follows from the seed and each problem alone. */
async function* itemsOf(
  { store, spec, key }: FeedbackContext,
  completions: string,
  { comparisons_per_problem: most }: FeedbackSettings,
  asking: Asking,
): AsyncGenerator<NewItem> {
  const problems = digestOfName('problemSets', spec.trainProblemSet, 'spec.train_problem_set');
  const seed = seedOfStep(spec.seed, key, 'feedback');
  for await (const problem of judgedProblems(store, { completions, problems })) {
    const prompt = problem.problem!.prompt!;
    // Nobody can read ready tokens.
    const asked = prompt.content?.$case === 'tokenIds' ? [] : comparisonsOf(problem, most, seed);
    asking.problems += 1;
    asking.items += asked.length;
    if (asked.length === 0) asking.problemsWithout += 1;
    for (const item of asked) yield { ...item, problemId: problem.problemId, prompt };
  }
}

/** Puts items into the queue, those that are there already left as they are. */
async function ask(
  { database, signal }: FeedbackContext,
  step: AskingStep,
  items: AsyncIterable<NewItem>,
  { annotators_per_item: annotatorsPerItem, skips_to_drop: skipsToDrop }: FeedbackSettings,
): Promise<void> {
  const bytesOf = ({ aText, bText }: NewItem): number => aText.length + bText.length;
  let from = 0;
  for await (const piece of piecesOf(items, { ...PIECE, bytesOf })) {
    throwIfAborted(signal);
    const options = { from, annotatorsPerItem, skipsToDrop };
    await withRetries(() => askItems(database, step, piece, options), signal);
    from += piece.length;
  }
}

/** Waits until people are done with enough of the items, and tells watchers how far they are. */
async function untilEnough(
  { database, signal, pausing, progress }: FeedbackContext,
  step: AskingStep,
  enough: number,
): Promise<void> {
  const stopping = AbortSignal.any([signal, pausing]);
  for (;;) {
    throwIfAborted(signal);
    throwIfPausing(pausing);
    const { finished, items } = await withRetries(() => finishedOf(database, step), signal);
    progress({ done: BigInt(finished), total: BigInt(items), unit: 'comparisons judged by people' });
    // A share of a whole number that ought to be whole may be a little more.
    if (finished >= Math.ceil(enough * items - 1e-9)) return;
    await sleep(LOOK_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}

function nothingToCompare({ problems }: Asking) {
  const why = 'none has two different completions that ended by themselves, as texts';
  const message = `of ${problems} problems people have nothing to compare: ${why}; raise samples_per_problem, sampling.temperature or sampling.max_tokens`;
  return failedPrecondition('NO_COMPARISONS', message, { problems: String(problems) });
}
