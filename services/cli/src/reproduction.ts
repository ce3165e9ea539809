/** Whether a second run of a spec made the same as the first, byte for byte. */
import type { Iteration, Run } from '@hone/contracts';

/** One thing that both runs made. */
export interface Comparison {
  readonly iteration: number;
  /** "completions", "verdicts", "pairs", "checkpoint", "evaluation" or "selection". */
  readonly what: string;
  readonly first: string;
  readonly second: string;
  readonly identical: boolean;
}

/** What an iteration made, by digest: equal digests are equal bytes. */
function madeBy({ checkpoint, artifacts }: Iteration): ReadonlyMap<string, string> {
  const digests = Object.entries(artifacts).sort(([left], [right]) => (left < right ? -1 : 1));
  return new Map([...digests, ['checkpoint', checkpoint]]);
}

/** Everything that the first run made beside what the second made in its place. */
export function compareRuns(first: Run, second: Run): Comparison[] {
  const again = new Map(second.iterations.map((iteration) => [iteration.index, madeBy(iteration)]));
  return first.iterations.flatMap((iteration) =>
    [...madeBy(iteration)].map(([what, digest]) => {
      const other = again.get(iteration.index)?.get(what) ?? '';
      return { iteration: iteration.index, what, first: digest, second: other, identical: digest === other };
    }),
  );
}
