/**
 * Works on up to `width` pieces at once; the results are in the order of the pieces. Where one fails, all are waited for, so that no
 * work goes on behind a call that failed.
 */
export async function inLanes<Piece, Result>(
  pieces: readonly Piece[],
  width: number,
  work: (piece: Piece) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < pieces.length; index = next++) results[index] = await work(pieces[index]!);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, pieces.length) }, lane));
  for (const { status, ...rest } of lanes) if (status === 'rejected') throw (rest as PromiseRejectedResult).reason;
  return results;
}
