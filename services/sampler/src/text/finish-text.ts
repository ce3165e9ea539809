import { needsTokenizer, stopTest, textUntilStop } from '@hone/sampling-engine/text';
import { TEXT_LIMIT_MS, withinLimit } from '@hone/workers';
import { tokenizerOf } from './open-tokenizer.ts';
import type { FinishedText, FinishRequest } from './protocol.ts';

/** The text of a completion, and where its first stop text is complete, for engines that look for none themselves. */
export async function finishText({ folder, tokenIds, stops }: FinishRequest): Promise<FinishedText> {
  const tokenizer = await tokenizerOf(folder);
  if (!tokenizer && stops.length > 0) throw needsTokenizer('sampling.stop');
  if (!tokenizer) return { text: '', stopLength: undefined };
  return withinLimit(TEXT_LIMIT_MS, () => {
    const ends = stopTest(tokenizer, stops);
    const all = Array.from(tokenIds);
    const last = ends ? all.findIndex((_, index) => ends(all.slice(0, index + 1))) : -1;
    const stopLength = last < 0 ? undefined : last + 1;
    return { text: textUntilStop(tokenizer, tokenIds.slice(0, stopLength), stops), stopLength };
  });
}
