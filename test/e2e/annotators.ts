/** People who judge sums as a script says: what is nearer to the sum is better. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NextItemRequest, PreferenceChoice, SubmitFeedbackRequest, type FeedbackItem } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import type { Platform } from './platform.ts';

/** What anybody who can count says. */
export function choiceOf({
  problemId,
  aText,
  bText,
}: Pick<FeedbackItem, 'problemId' | 'aText' | 'bText'>): PreferenceChoice {
  const sum = problemId.split('+').reduce((total, part) => total + Number(part), 0);
  const [a, b] = [aText, bText].map((text) => Math.abs(Number(text.replace('####', '').trim()) - sum));
  if (!Number.isFinite(a) && !Number.isFinite(b)) return PreferenceChoice.NEITHER;
  if (a === b) return PreferenceChoice.TIE;
  return Number.isFinite(a) && !(a! > b!) ? PreferenceChoice.A : PreferenceChoice.B;
}

/** Judges what there is; true where there was something. */
export async function judgeNext({ feedback }: Platform, annotator: string, run = ''): Promise<boolean> {
  const { item } = await callUnary(feedback, 'nextItem', NextItemRequest.fromPartial({ run, annotator }));
  if (!item) return false;
  const judged = { item: item.name, annotator, choice: choiceOf(item) };
  await callUnary(feedback, 'submitFeedback', SubmitFeedbackRequest.fromPartial(judged));
  return true;
}

/** Several who sit there and judge whatever is asked, until they are sent home. */
export function seatAnnotators(platform: Platform, names: readonly string[], run = ''): () => Promise<void> {
  const going = new AbortController();
  const sit = async (name: string): Promise<void> => {
    while (!going.signal.aborted) {
      try {
        if (await judgeNext(platform, name, run)) continue;
      } catch (thrown) {
        // The orchestrator is killed under them.
        if (
          !(thrown instanceof HoneError) ||
          !['UNAVAILABLE', 'CANCELLED', 'FAILED_PRECONDITION'].includes(thrown.code)
        )
          throw thrown;
      }
      await sleep(100, undefined, { signal: going.signal }).catch(() => undefined);
    }
  };
  const sitting = Promise.all(names.map(sit));
  return async () => {
    going.abort();
    await sitting;
  };
}
