import { ScoreItem } from '@hone/contracts';
import { mapInOrder, piecesOf } from '@hone/streams';
import type { Judge, Judgement } from './judge.ts';

const PIECES = { maxItems: 256, maxBytes: 2 << 20 };

export interface InOrderOptions {
  readonly signal: AbortSignal;
  /** Calls at once: one piece travels while another is judged. */
  readonly callsInFlight: number;
}

/** Judges a stream of items in calls of bounded size; what it gives is in the order of the items. */
export function judgeInOrder(
  judge: Pick<Judge, 'judge'>,
  items: AsyncIterable<ScoreItem>,
  { signal, callsInFlight }: InOrderOptions,
): AsyncGenerator<Judgement, void, undefined> {
  const bytesOf = (item: ScoreItem): number => ScoreItem.encode(item).finish().length;
  const pieces = piecesOf(items, { ...PIECES, bytesOf });
  return mapInOrder(pieces, { width: callsInFlight, signal }, (piece, pieceSignal) => judge.judge(piece, pieceSignal));
}
