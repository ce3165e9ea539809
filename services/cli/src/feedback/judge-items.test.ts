import type { Key } from 'node:readline';
import { FeedbackItem, FeedbackItemState, messageOf } from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';
import stringWidth from 'fast-string-width';
import { expect, test } from 'vitest';
import { itemDocument, itemText } from './item-lines.ts';
import { judgeItems, type AnnotatorQueue } from './judge-items.ts';

const item = (number: number): FeedbackItem =>
  messageOf(FeedbackItem, {
    ...{ name: `feedbackItems/${number}`, run: 'runs/r', iteration: 1, problemId: `p${number}` },
    prompt: { content: { $case: 'text', value: `What is ${number} + 1? ${'Think before you answer. '.repeat(6)}` } },
    ...{ aText: `It is ${number}.\n#### ${number}`, bText: '\u001b[2Jfine', state: FeedbackItemState.OPEN },
  });

async function* pressed(...keys: (string | Key)[]): AsyncGenerator<Key, void> {
  for (const key of keys) yield typeof key === 'string' ? { name: key } : key;
}

/** A queue of so many items, what was done with them, and what was shown. */
function sitting(count: number, taken: readonly number[] = []) {
  const left = Array.from({ length: count }, (_, index) => index + 1);
  const done: string[] = [];
  const say = (name: string, what: string, judgements: FeedbackItem['judgements'] = []): FeedbackItem => {
    const number = Number(name.split('/')[1]);
    left.shift();
    if (taken.includes(number)) throw failedPrecondition('ITEM_CLOSED', `${name}: others have judged it`);
    done.push(`${number} ${what}`);
    return { ...item(number), state: FeedbackItemState.JUDGED, judgements };
  };
  const queue: AnnotatorQueue = {
    next: async () => (left.length > 0 ? item(left[0]!) : undefined),
    submit: async (name, choice) =>
      say(name, choice.replace('PREFERENCE_CHOICE_', ''), [{ annotator: 'ann', choice, comment: '' }]),
    skip: async (name) => say(name, 'skipped'),
  };
  let shown = '';
  const at = (keys: AsyncIterator<Key>) =>
    judgeItems(queue, { keys, columns: 80, write: (text) => void (shown += text) });
  return { at, done, shown: () => shown };
}

test('a key judges, the arrows as the letters; other keys do nothing', async () => {
  const { at, done } = sitting(6);
  const ended = await at(pressed('left', 'x', 'b', 'right', 't', { name: 'a', ctrl: true }, 'n', 's'));
  expect(done).toEqual(['1 A', '2 B', '3 B', '4 TIE', '5 NEITHER', '6 skipped']);
  expect(ended).toEqual({ judged: 5, skipped: 1, isEmpty: true });
});

test.each([['q'], ['escape'], [{ name: 'c', ctrl: true }], [{ name: 'd', ctrl: true }]])(
  '%j quits, and so does the end of the keys',
  async (key) => {
    const { at, done } = sitting(3);
    expect(await at(pressed('a', key))).toEqual({ judged: 1, skipped: 0, isEmpty: false });
    expect(done).toEqual(['1 A']);
    expect((await sitting(1).at(pressed())).isEmpty).toBe(false);
  },
);

test('an item that others finished meanwhile is told, and the next one comes', async () => {
  const { at, done, shown } = sitting(2, [1]);
  expect(await at(pressed('a', 'b'))).toEqual({ judged: 1, skipped: 0, isEmpty: true });
  expect(done).toEqual(['2 B']);
  expect(shown()).toContain('feedbackItems/1: others have judged it');
});

test('all that is shown fits 80 columns, and moves no cursor', async () => {
  const { at, shown } = sitting(1);
  await at(pressed('a'));
  for (const line of shown().split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  expect(shown()).not.toContain('\u001b');
  expect(itemText(item(4), 80).split('\n').slice(0, 4)).toEqual([
    'feedbackItems/4: problem p4 of iteration 1 of runs/r',
    '  asked',
    '    What is 4 + 1? Think before you answer. Think before you answer. Think',
    '    before you answer. Think before you answer. Think before you answer. Think',
  ]);
});

test('for programs an item has its texts as they are', () => {
  expect(itemDocument(item(4))).toMatchObject({ item: 'feedbackItems/4', a: 'It is 4.\n#### 4', state: 'open' });
});
