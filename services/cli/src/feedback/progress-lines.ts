/** How far people are with what a run asks, for people and for programs. */
import { FeedbackProgress } from '@hone/contracts';
import { percent } from '@hone/terminal';

function agreementText({ agreement }: FeedbackProgress): string {
  const { comparisons = 0, share, alpha } = agreement ?? {};
  if (share === undefined) return 'agreement: nobody judged what another one judged';
  const chance = alpha === undefined ? 'all say the same' : `Krippendorff's alpha ${alpha.toFixed(2)}`;
  return `agreement: ${percent(share)} % over ${comparisons} comparisons, ${chance}`;
}

/** "5 of 9 comparisons judged by 2 people, 3 open, 1 skipped". */
function countsText({ items, judged, open, dropped, withdrawn, annotators }: FeedbackProgress): string {
  const others = Object.entries({ open, skipped: dropped, withdrawn }).filter(([, count]) => count > 0);
  const left = others.map(([name, count]) => `, ${count} ${name}`).join('');
  return `${judged} of ${items} comparisons judged by ${annotators} ${annotators === 1 ? 'person' : 'people'}${left}`;
}

/** In one line. */
export const feedbackText = (progress: FeedbackProgress): string =>
  `${countsText(progress)}; ${agreementText(progress)}`;

/** How far people are while they are at it. */
export function progressText(run: string, progress: FeedbackProgress): string {
  const { items, wanted, leased, judgements } = progress;
  if (items === 0) return `${run} has asked people nothing yet`;
  return [
    `${run}: ${countsText(progress)}`,
    `judgements: ${judgements}; ${wanted} more wanted, of which somebody is at ${leased}`,
    agreementText(progress),
  ].join('\n');
}

/** For programs. */
export const progressDocument = (progress: FeedbackProgress): object => FeedbackProgress.toJSON(progress) as object;
