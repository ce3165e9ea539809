import { mapInOrder, piecesOf } from '@hone/streams';
import { ScoreItem } from './generated/hone/scorer/v1/scorer.ts';

const PIECES = { maxItems: 256, maxBytes: 2 << 20 };

export interface InOrderOptions {
  readonly signal: AbortSignal;
  /** Calls at once: one piece travels while another is judged. */
  readonly callsInFlight: number;
}

/** Judges a stream of items in calls of bounded size; what it gives is in the order of the items. */
export function judgeInOrder<Judgement>(
  judge: (items: readonly ScoreItem[], signal: AbortSignal) => Promise<Judgement>,
  items: AsyncIterable<ScoreItem>,
  { signal, callsInFlight }: InOrderOptions,
): AsyncGenerator<Judgement, void, undefined> {
  const bytesOf = (item: ScoreItem): number => ScoreItem.encode(item).finish().length;
  return mapInOrder(piecesOf(items, { ...PIECES, bytesOf }), { width: callsInFlight, signal }, judge);
}
