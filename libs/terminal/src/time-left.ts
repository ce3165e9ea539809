/** "1 min 20 s left", at the mean rate so far; empty while there is none. */
export function timeLeft(done: number, total: number, elapsedSeconds: number): string {
  if (done === 0) return '';
  const left = Math.ceil((elapsedSeconds / done) * (total - done));
  if (left < 60) return `${left} s left`;
  if (left < 3600) return `${Math.floor(left / 60)} min ${left % 60} s left`;
  return `${Math.floor(left / 3600)} h ${Math.floor((left % 3600) / 60)} min left`;
}
