/** Remainders that are the same. */
import { number, product, sum, negative } from '../tree/build.ts';
import { equalExpressions } from './equal-expression.ts';
import { exactValue } from '../numbers/exact.ts';
import type { Steps } from '../limits.ts';
import type { Node, NodeOf } from '../tree/node.ts';
import { difference, nameOf } from './relation.ts';

/**
 * Two congruences say the same where their moduli are equal and their values leave the same remainder. Names of what is congruent
 * may be missing on one side, as in `n \equiv 4 \pmod 9` and `4 \pmod 9`. A bare number has to be the least remainder, which
 * is negative where the congruence is written so.
 */
export function equalCongruences(a: Node, b: Node, steps: Steps): boolean {
  if (a.kind === 'congruence' && b.kind === 'congruence')
    return equalModuli(a.modulus, b.modulus, steps) && sameClass(a, b, steps);
  const [known, other] = a.kind === 'congruence' ? [a, b] : [b as NodeOf<'congruence'>, a];
  if (other.kind === 'relation' || other.kind === 'list') return false;
  if (known.left && nameOf(known.left) === undefined) return false;
  const remainders = smallRemainders(known, steps);
  return (remainders ?? [known.value]).some((remainder) => equalExpressions(remainder, other, steps));
}

const equalModuli = (a: Node, b: Node, steps: Steps): boolean =>
  equalExpressions(a, b, steps) || equalExpressions(a, negative(b), steps);

function sameClass(a: NodeOf<'congruence'>, b: NodeOf<'congruence'>, steps: Steps): boolean {
  if (!a.left || !b.left) return isMultiple(difference(a.value, b.value), a.modulus, steps);
  const [one, other] = [difference(a.left, a.value), difference(b.left, b.value)];
  const sameName = nameOf(a.left) !== undefined && nameOf(a.left) === nameOf(b.left);
  return (
    (sameName && isMultiple(difference(a.value, b.value), a.modulus, steps)) ||
    isMultiple(difference(one, other), a.modulus, steps) ||
    isMultiple(sum([one, other]), a.modulus, steps)
  );
}

/** Whether a difference is zero, or a whole multiple of the modulus. */
function isMultiple(node: Node, modulus: Node, steps: Steps): boolean {
  const quotient = exactValue({ kind: 'quotient', top: node, bottom: modulus }, new Map(), steps);
  return quotient ? quotient.d === 1n : equalExpressions(node, product([modulus, number(0)]), steps);
}

/** The remainders of a number that are smaller than the modulus, one of either sign: -3 and 5 modulo 8. */
function smallRemainders({ value, modulus }: NodeOf<'congruence'>, steps: Steps): readonly Node[] | undefined {
  const [of, by] = [exactValue(value, new Map(), steps), exactValue(modulus, new Map(), steps)];
  if (!of || !by || of.d !== 1n || by.d !== 1n || by.n === 0n) return undefined;
  const least = (((of.s * of.n) % by.n) + by.n) % by.n;
  return of.s < 0n ? [number(least), number(least - by.n)] : [number(least)];
}
