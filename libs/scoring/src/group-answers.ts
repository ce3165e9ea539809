/** Which answers are one, as scorers say it or by their text. */
import { failedPrecondition } from '@hone/errors';

/** Answers that are one where their texts are. */
export function byText(answers: readonly string[]): number[] {
  const first = new Map<string, number>();
  return answers.map((answer, index) => {
    if (!first.has(answer)) first.set(answer, index);
    return first.get(answer)!;
  });
}

/** Answers are one where any of several groupings says so. */
export function joined(groupings: readonly (readonly number[])[]): number[] {
  const first = groupings[0]!.map((_, index) => index);
  const leader = (index: number): number => {
    let at = index;
    while (first[at] !== at) at = first[at]!;
    return at;
  };
  for (const grouping of groupings)
    for (const [index, other] of grouping.entries()) {
      const [one, two] = [leader(index), leader(other)];
      first[Math.max(one, two)] = Math.min(one, two);
    }
  return first.map((_, index) => leader(index));
}

/** A scorer may be anybody's program, so its groups are checked. */
export function checkGroups(
  scorer: string,
  sets: readonly (readonly string[])[],
  groups: readonly (readonly number[])[],
): void {
  const isSound =
    groups.length === sets.length &&
    groups.every((first, at) => {
      const inOrder = first.every((leader, index) => leader >= 0 && leader <= index && first[leader] === leader);
      return first.length === sets[at]!.length && inOrder;
    });
  if (isSound) return;
  throw failedPrecondition(
    'BAD_SCORER',
    `scorer "${scorer}" breaks its contract: its groups do not name the first answer of each; mend that scorer`,
  );
}
