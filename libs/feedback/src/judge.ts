/** What annotators say of items. */
import {
  LIMITS,
  PreferenceChoice,
  Violations,
  type FeedbackItem,
  type SkipItemRequest,
  type SubmitFeedbackRequest,
} from '@hone/contracts';
import type { Database, FeedbackSlotsTable, Schema } from '@hone/database';
import { failedPrecondition, notFound, type HoneError } from '@hone/errors';
import { sql, type Selectable, type Transaction } from 'kysely';
import { checkAnnotator } from './annotator.ts';
import { judgementOf } from './ask.ts';
import { messageOf, numberOf, type ItemRow } from './items.ts';

type SlotRow = Selectable<FeedbackSlotsTable>;

/** An item and the slot that the annotator has or had of it, both held until the transaction ends. */
interface HeldItem {
  readonly item: ItemRow;
  readonly slot: SlotRow | undefined;
}

async function hold(transaction: Transaction<Schema>, name: string, annotator: string): Promise<HeldItem> {
  const item = await transaction
    .selectFrom('feedback_items')
    .selectAll()
    .where('number', '=', numberOf(name))
    .forUpdate()
    .executeTakeFirst();
  if (!item) throw notFound(name, 'FeedbackService.NextItem gives the items that there are');
  const slot = await transaction
    .selectFrom('feedback_slots')
    .selectAll()
    .where('item', '=', item.number)
    .where('annotator', '=', annotator)
    .forUpdate()
    .executeTakeFirst();
  return { item, slot };
}

const CLOSED: Readonly<Record<Exclude<ItemRow['state'], 'open'>, string>> = {
  judged: 'others have judged it',
  dropped: 'others have skipped it',
  withdrawn: 'enough others were judged',
};

/** Throws where the annotator cannot say anything of the item. A lease that has lapsed is good until somebody else has the slot. */
function requireSlot({ item, slot }: HeldItem, annotator: string): SlotRow {
  const name = `feedbackItems/${item.number}`;
  if (item.state !== 'open')
    throw refusal('ITEM_CLOSED', `no judgement of ${name} is wanted any more: ${CLOSED[item.state]}`, name);
  if (!slot) {
    const why = 'it was never handed out, or its lease lapsed and somebody else was asked';
    throw refusal('NOT_LEASED', `${annotator} does not have ${name}: ${why}; take the next item`, name);
  }
  return slot;
}

const refusal = (reason: 'ITEM_CLOSED' | 'NOT_LEASED' | 'ALREADY_JUDGED', message: string, item: string): HoneError =>
  failedPrecondition(reason, message, { item });

function alreadyJudged({ number }: ItemRow, { choice }: SlotRow): HoneError {
  const said = choice!.replace('PREFERENCE_CHOICE_', '');
  const name = `feedbackItems/${number}`;
  return refusal('ALREADY_JUDGED', `${name} was judged already, as ${said}; what was said first stands`, name);
}

function checkJudgement({ annotator, choice, comment }: SubmitFeedbackRequest): void {
  const violations = new Violations();
  checkAnnotator(annotator, violations);
  const isSaid = choice !== PreferenceChoice.UNSPECIFIED && Object.values(PreferenceChoice).includes(choice);
  violations.require(isSaid, 'choice', 'must be A, B, TIE or NEITHER');
  violations.atMost(comment, LIMITS.commentChars, 'comment');
  violations.throwIfAny();
}

/** SubmitFeedback. */
export async function submitFeedback(database: Database, request: SubmitFeedbackRequest): Promise<FeedbackItem> {
  checkJudgement(request);
  const { annotator, choice, comment } = request;
  return database.transaction().execute(async (transaction) => {
    const held = await hold(transaction, request.item, annotator);
    const { slot, item } = held;
    if (slot && slot.choice !== null) {
      if (slot.choice !== choice || slot.comment !== comment) throw alreadyJudged(item, slot);
      return messageOf(item, { judgements: [judgementOf(slot)] });
    }
    const { item: number, slot: place } = requireSlot(held, annotator);
    await transaction
      .updateTable('feedback_slots')
      .set({ choice, comment, judge_time: sql<Date>`now()`, lease_until: null })
      .where('item', '=', number)
      .where('slot', '=', place)
      .execute();
    const state = await stateBehind(transaction, item);
    return messageOf({ ...item, state }, { judgements: [{ annotator, choice, comment }] });
  });
}

/** Closes an item of which no further judgement is wanted; gives its state. */
async function stateBehind(transaction: Transaction<Schema>, { number, state }: ItemRow): Promise<ItemRow['state']> {
  const wanted = await transaction
    .selectFrom('feedback_slots')
    .select('slot')
    .where('item', '=', number)
    .where('choice', 'is', null)
    .executeTakeFirst();
  if (wanted) return state;
  await transaction.updateTable('feedback_items').set({ state: 'judged' }).where('number', '=', number).execute();
  return 'judged';
}

/** SkipItem. */
export async function skipItem(database: Database, { item: name, annotator }: SkipItemRequest): Promise<FeedbackItem> {
  const violations = new Violations();
  checkAnnotator(annotator, violations);
  violations.throwIfAny();
  return database.transaction().execute(async (transaction) => {
    const held = await hold(transaction, name, annotator);
    const { item, slot } = held;
    if (slot && slot.choice !== null) throw alreadyJudged(item, slot);
    const before = await transaction
      .selectFrom('feedback_skips')
      .select('item')
      .where('item', '=', item.number)
      .where('annotator', '=', annotator)
      .executeTakeFirst();
    if (before) return messageOf(item);
    return messageOf(await giveBack(transaction, item, requireSlot(held, annotator)));
  });
}

/** Frees a slot, and counts the skip, which may be the last that the item may have. */
async function giveBack(
  transaction: Transaction<Schema>,
  { number, skips, skips_to_drop: most }: ItemRow,
  { slot, annotator }: SlotRow,
): Promise<ItemRow> {
  await transaction
    .updateTable('feedback_slots')
    .set({ annotator: null, lease_until: null })
    .where('item', '=', number)
    .where('slot', '=', slot)
    .execute();
  await transaction.insertInto('feedback_skips').values({ item: number, annotator: annotator! }).execute();
  return transaction
    .updateTable('feedback_items')
    .set({ skips: skips + 1, state: skips + 1 >= most ? 'dropped' : 'open' })
    .where('number', '=', number)
    .returningAll()
    .executeTakeFirstOrThrow();
}
