/** A comparison that somebody is asked, for people and for programs. */
import { FeedbackItemState, PreferenceChoice, type FeedbackItem, type Judgement } from '@hone/contracts';
import { oneLine, prose } from '@hone/terminal';
import { block, promptText } from '../samples/sample-lines.ts';

const stateName = (state: FeedbackItemState): string => state.replace('FEEDBACK_ITEM_STATE_', '').toLowerCase();
const choiceName = ({ choice }: Judgement): string => choice.replace('PREFERENCE_CHOICE_', '').toLowerCase();

/** An item, in lines of at most so many columns. */
export function itemText(item: FeedbackItem, columns: number): string {
  const { name, run, iteration, problemId, prompt, aText, bText } = item;
  const head = `${name}: problem ${oneLine(problemId)} of iteration ${iteration} of ${run}`;
  const lines = [head, ...block('asked', promptText({ prompt })), ...block('A', aText), ...block('B', bText)];
  return prose(lines.join('\n'), columns);
}

/** An item for programs. */
export function itemDocument(item: FeedbackItem) {
  const { name, run, iteration, problemId, prompt, aText, bText, state, leaseExpireTime, judgements } = item;
  return {
    ...{ item: name, run, iteration, problem: problemId, prompt: promptText({ prompt }), a: aText, b: bText },
    state: stateName(state),
    ...(leaseExpireTime && { lease_expires: leaseExpireTime.toISOString() }),
    ...(judgements.length > 0 && {
      judgements: judgements.map((judgement) => ({
        annotator: judgement.annotator,
        choice: choiceName(judgement),
        ...(judgement.comment !== '' && { comment: judgement.comment }),
      })),
    }),
  };
}

const SAID: Readonly<Record<PreferenceChoice, string>> = {
  [PreferenceChoice.UNSPECIFIED]: 'nothing is said',
  [PreferenceChoice.A]: 'A is better',
  [PreferenceChoice.B]: 'B is better',
  [PreferenceChoice.TIE]: 'a tie',
  [PreferenceChoice.NEITHER]: 'neither',
};

/** What became of an item that was judged or skipped. */
export function outcomeText({ name, state, judgements }: FeedbackItem): string {
  const [own] = judgements;
  const others = state === FeedbackItemState.OPEN ? '; others are asked, too' : '';
  return `${name}: ${own ? SAID[own.choice] : 'skipped'}${others}`;
}
