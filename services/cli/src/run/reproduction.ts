/** Whether a second run of a spec made the same as the first, byte for byte. */
import { nameOfKind, type Iteration, type Run } from '@hone/contracts';

/** One thing that both runs made. */
export interface Comparison {
  readonly iteration: number;
  /** "checkpoint", or what a step stored: "completions", "verdicts", "groups", "evaluation", … */
  readonly what: string;
  readonly first: string;
  readonly second: string;
  readonly identical: boolean;
}

/** What an iteration made, by digest: equal digests are equal bytes. */
function madeBy({ checkpoint, steps }: Iteration): ReadonlyMap<string, string> {
  const artifacts = steps.flatMap(({ name, kind, artifacts }) =>
    Object.entries(artifacts).map(([artifact, { digest }]): [string, string] => [
      // An iteration's only step of its kind has the kind's name.
      name === nameOfKind(kind) ? artifact : `${name}: ${artifact}`,
      digest,
    ]),
  );
  return new Map([...artifacts.sort(([left], [right]) => (left < right ? -1 : 1)), ['checkpoint', checkpoint]]);
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
