/** Judging items on a terminal, a key each. */
import { once } from 'node:events';
import { emitKeypressEvents, type Key } from 'node:readline';
import type { ReadStream } from 'node:tty';
import { PreferenceChoice, type FeedbackItem } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { prose, wrap } from '@hone/terminal';
import { itemText, outcomeText } from './item-lines.ts';

/** The queue as one annotator has it. */
export interface AnnotatorQueue {
  next(): Promise<FeedbackItem | undefined>;
  submit(item: string, choice: PreferenceChoice): Promise<FeedbackItem>;
  skip(item: string): Promise<FeedbackItem>;
}

/** Where somebody reads and presses keys. */
export interface Desk {
  readonly keys: AsyncIterator<Key>;
  readonly columns: number;
  write(text: string): void;
}

/** What became of it. */
export interface Sitting {
  readonly judged: number;
  readonly skipped: number;
  /** Whether it ended because nothing was left. */
  readonly isEmpty: boolean;
}

const HELP = 'better: A (a, left) or B (b, right)   t: tie   n: neither   s: skip   q: quit';

type Action = PreferenceChoice | 'skip' | 'quit';

const ACTIONS: Readonly<Record<string, Action>> = {
  ...{ left: PreferenceChoice.A, a: PreferenceChoice.A, right: PreferenceChoice.B, b: PreferenceChoice.B },
  ...{ t: PreferenceChoice.TIE, n: PreferenceChoice.NEITHER, s: 'skip', q: 'quit', escape: 'quit' },
};

/** The first key that means something. The end of the keys, Ctrl-C and Ctrl-D quit. */
async function actionOf(keys: AsyncIterator<Key>): Promise<Action> {
  for (;;) {
    const { done, value } = await keys.next();
    if (done) return 'quit';
    const { name = '', ctrl } = value as Key;
    if (ctrl && (name === 'c' || name === 'd')) return 'quit';
    const action = ctrl ? undefined : ACTIONS[name];
    if (action) return action;
  }
}

/** Asks for items and shows them, one after the other, until nothing is left or somebody quits. */
export async function judgeItems(queue: AnnotatorQueue, { keys, columns, write }: Desk): Promise<Sitting> {
  let [judged, skipped] = [0, 0];
  for (let item = await queue.next(); item; item = await queue.next()) {
    write(`${itemText(item, columns)}\n\n${wrap(HELP, columns)}\n`);
    const action = await actionOf(keys);
    if (action === 'quit') return { judged, skipped, isEmpty: false };
    try {
      const said = action === 'skip' ? await queue.skip(item.name) : await queue.submit(item.name, action);
      if (action === 'skip') skipped += 1;
      else judged += 1;
      write(`${outcomeText(said)}\n\n`);
    } catch (thrown) {
      // Somebody else was asked meanwhile: there is a next one.
      if (!(thrown instanceof HoneError) || thrown.code !== 'FAILED_PRECONDITION') throw thrown;
      write(`${prose(thrown.message, columns)}\n\n`);
    }
  }
  return { judged, skipped, isEmpty: true };
}

/** The keys that are pressed at a terminal, each at once and unseen; closing it makes the terminal what it was. */
export async function* keysOf(terminal: ReadStream): AsyncGenerator<Key, void> {
  emitKeypressEvents(terminal);
  terminal.setRawMode(true).resume();
  try {
    for (;;) {
      const [, key] = (await once(terminal, 'keypress')) as [string, Key];
      yield key;
    }
  } finally {
    terminal.setRawMode(false).pause();
  }
}
