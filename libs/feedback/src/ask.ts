/** Putting comparisons into the queue for a step of a run, and taking out what people said. */
import { Judgement, PreferenceChoice, Prompt, type Comparison, type ProblemComparisons } from '@hone/contracts';
import type { Database, FeedbackSlotsTable, Int8, Queryable } from '@hone/database';
import { wellFormed } from '@hone/errors';
import { sql, type Selectable } from 'kysely';
import type { Asked } from './comparisons.ts';

/** The step that asks. */
export interface AskingStep {
  readonly runId: string;
  readonly iteration: number;
  /** Its name, unique in the iteration. */
  readonly step: string;
}

/** A comparison to be asked. */
export interface NewItem extends Asked {
  readonly problemId: string;
  readonly prompt: Prompt;
}

/** How people are asked. */
export interface AskOptions {
  /** Number of the first item within the step. */
  readonly from: number;
  /** Judgements that are wanted of each. */
  readonly annotatorsPerItem: number;
  readonly skipsToDrop: number;
}

/** PostgreSQL holds no NUL. */
const storable = (text: string): string => wellFormed(text).replaceAll('\0', '\ufffd');
const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_, held: unknown) => (typeof held === 'string' ? storable(held) : held));

/** Puts items into the queue, all or none; those that are there already, by their number within the step, stay as they are. */
export async function askItems(
  database: Database,
  { runId, iteration, step }: AskingStep,
  items: readonly NewItem[],
  { from, annotatorsPerItem, skipsToDrop }: AskOptions,
): Promise<void> {
  if (items.length === 0) return;
  const rows = items.map(({ problemId, prompt, a, b, aText, bText }, index) => ({
    ...{ run_id: runId, iteration, step, position: from + index, problem_id: problemId },
    prompt: storableJson(Prompt.toJSON(prompt)),
    ...{ a, b, a_text: storable(aText), b_text: storable(bText), skips_to_drop: skipsToDrop },
  }));
  const slots = Array.from({ length: annotatorsPerItem }, (_, slot) => slot);
  await database.transaction().execute(async (transaction) => {
    const inserted = await transaction
      .insertInto('feedback_items')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['run_id', 'iteration', 'step', 'position']).doNothing())
      .returning('number')
      .execute();
    const free = inserted.flatMap(({ number }) => slots.map((slot) => ({ item: number, slot })));
    if (free.length > 0) await transaction.insertInto('feedback_slots').values(free).execute();
  });
}

/** Asks no more: what a step's people have not finished is withdrawn. */
export async function withdrawOpen(database: Queryable, { runId, iteration, step }: AskingStep): Promise<void> {
  await database
    .updateTable('feedback_items')
    .set({ state: 'withdrawn' })
    .where('run_id', '=', runId)
    .where('iteration', '=', iteration)
    .where('step', '=', step)
    .where('state', '=', 'open')
    .execute();
}

/** Judgements of items, by item and annotator: in an order that does not tell when they were made. */
export async function judgementsOf(
  database: Queryable,
  items: readonly Int8[],
): Promise<ReadonlyMap<string, Judgement[]>> {
  const byItem = new Map<string, Judgement[]>();
  if (items.length === 0) return byItem;
  const rows = await database
    .selectFrom('feedback_slots')
    .select(['item', 'annotator', 'choice', 'comment'])
    .where('item', 'in', [...items])
    .where('choice', 'is not', null)
    // By bytes, whatever the database's language.
    .orderBy(sql`annotator collate "C"`)
    .execute();
  for (const row of rows) byItem.set(String(row.item), [...(byItem.get(String(row.item)) ?? []), judgementOf(row)]);
  return byItem;
}

/** A judgement as it is kept. */
export const judgementOf = ({
  annotator,
  choice,
  comment,
}: Pick<Selectable<FeedbackSlotsTable>, 'annotator' | 'choice' | 'comment'>): Judgement => ({
  annotator: annotator!,
  choice: choice as PreferenceChoice,
  comment,
});

const PAGE = 500;

/** A page of a step's items, from a number within the step on. */
const pageOf = (database: Queryable, { runId, iteration, step }: AskingStep, from: number) =>
  database
    .selectFrom('feedback_items')
    .select(['number', 'problem_id', 'a', 'b'])
    .where('run_id', '=', runId)
    .where('iteration', '=', iteration)
    .where('step', '=', step)
    .where('position', '>=', from)
    .where('position', '<', from + PAGE)
    .orderBy('position')
    .execute();

/** What people said in a step, comparison by comparison, in the order of asking. */
async function* comparisonsIn(
  database: Queryable,
  step: AskingStep,
): AsyncGenerator<{ readonly problemId: string; readonly comparison: Comparison }> {
  for (let from = 0, isLast = false; !isLast; from += PAGE) {
    const items = await pageOf(database, step, from);
    const numbers = items.map(({ number }) => number);
    const judgements = await judgementsOf(database, numbers);
    for (const { number, problem_id: problemId, a, b } of items)
      yield { problemId, comparison: { a, b, judgements: judgements.get(String(number)) ?? [] } };
    isLast = items.length < PAGE;
  }
}

/** What people said in a step, by problem. */
export async function* comparisonRows(database: Queryable, step: AskingStep): AsyncGenerator<ProblemComparisons> {
  let problem: ProblemComparisons | undefined;
  for await (const { problemId, comparison } of comparisonsIn(database, step)) {
    if (problem && problem.problemId !== problemId) {
      yield problem;
      problem = undefined;
    }
    problem ??= { problemId, comparisons: [] };
    problem.comparisons.push(comparison);
  }
  if (problem) yield problem;
}
