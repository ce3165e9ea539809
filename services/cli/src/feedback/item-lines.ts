/** A comparison that somebody is asked, and how far people are, for people and for programs. */
import { FeedbackProgress, type FeedbackItem, type FeedbackItemState, type Judgement } from '@hone/contracts';
import { oneLine, percent, prose } from '@hone/terminal';
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

/** What became of an item that was judged or skipped. */
export function outcomeText({ name, state, judgements }: FeedbackItem): string {
  const [own] = judgements;
  return `${name}: ${own ? `judged as ${choiceName(own)}` : 'skipped'}; it is ${stateName(state)}`;
}

function agreementLine({ agreement }: FeedbackProgress): string {
  const { comparisons = 0, share, alpha } = agreement ?? {};
  if (share === undefined) return 'agreement: nobody judged what another one judged';
  const chance = alpha === undefined ? 'all say the same' : `Krippendorff's alpha ${alpha.toFixed(2)}`;
  return `agreement: ${percent(share)} % over ${comparisons} comparisons, ${chance}`;
}

/** How far people are with what a run asks. */
export function progressText(run: string, progress: FeedbackProgress): string {
  const { items, judged, dropped, withdrawn, open, wanted, leased, judgements, annotators } = progress;
  if (items === 0) return `${run} has asked people nothing yet`;
  const left = [dropped > 0 ? `${dropped} skipped` : '', withdrawn > 0 ? `${withdrawn} withdrawn` : ''].filter(Boolean);
  return [
    `${run}: ${judged} of ${items} comparisons judged, ${open} open${left.map((text) => `, ${text}`).join('')}`,
    `judgements: ${judgements} by ${annotators} people; ${wanted} more wanted, of which somebody is at ${leased}`,
    agreementLine(progress),
  ].join('\n');
}

/** The same for programs. */
export const progressDocument = (run: string, progress: FeedbackProgress): object => ({
  run,
  ...(FeedbackProgress.toJSON(FeedbackProgress.fromPartial(progress)) as object),
});
