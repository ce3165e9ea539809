/**
 * Works on up to `concurrency` pieces at once; the results are in the order of the pieces. Where one fails, all are waited for, so that no
 * work goes on behind a call that failed.
 */
export async function mapConcurrently<Piece, Result>(
  pieces: readonly Piece[],
  concurrency: number,
  work: (piece: Piece) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < pieces.length; index = next++) results[index] = await work(pieces[index]!);
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(concurrency, pieces.length) }, worker));
  for (const { status, ...rest } of workers) if (status === 'rejected') throw (rest as PromiseRejectedResult).reason;
  return results;
}
