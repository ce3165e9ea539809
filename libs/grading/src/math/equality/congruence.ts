/** Remainders: `5 \pmod 8`, `n \equiv 4 \pmod 9`, `17 \bmod 5`. */
import { number, product, sum, negative } from '../tree/build.ts';
import type { Cursor } from '../parsing/cursor.ts';
import { equalExpressions } from './equal-expression.ts';
import { exactValue } from '../numbers/exact.ts';
import { Unreadable, type Steps } from '../limits.ts';
import type { Node, NodeOf, Relation } from '../tree/node.ts';
import { parseArgument, parseFactor } from '../parsing/parse-expression.ts';
import { difference, nameOf } from './relation.ts';

/** `\pmod{8}`, `\bmod 8`, `(\bmod 8)`; undefined where something else comes next. */
export function parseModulus(cursor: Cursor): Node | undefined {
  const isInBrackets = cursor.isMark('(') && (cursor.isCommand('bmod', 1) || cursor.isCommand('pmod', 1));
  if (isInBrackets) cursor.next();
  if (!cursor.isCommand('bmod') && !cursor.isCommand('pmod')) return undefined;
  cursor.next();
  const modulus = cursor.isMark('{') ? parseArgument(cursor) : parseFactor(cursor);
  if (isInBrackets) cursor.expect(')');
  return modulus;
}

/** What `… (mod m)` says of the sides of an equation or of a single value. */
export function congruence(parts: readonly Node[], operators: readonly Relation[], modulus: Node): Node {
  if (operators.some((operator) => operator !== '≡' && operator !== '=')) throw new Unreadable('no congruence');
  const value = parts.at(-1)!;
  return { kind: 'congruence', ...(parts.length > 1 && { left: parts[0]! }), value, modulus };
}

/** A modulus and a left side that are written once are those of all: `x \equiv 1, 3 \pmod 4`. */
export function withModulus(items: readonly Node[]): readonly Node[] {
  const last = items.at(-1);
  if (last?.kind !== 'congruence') return items;
  const all: NodeOf<'congruence'>[] = [];
  for (const item of items) {
    const next = item.kind === 'congruence' ? item : asCongruence(item, last.modulus);
    if (!next) return items;
    all.push(next);
  }
  const { left } = all[0]!;
  return all.map((item) => (left && !item.left ? { ...item, left } : item));
}

function asCongruence(node: Node, modulus: Node): NodeOf<'congruence'> | undefined {
  if (node.kind !== 'relation') return { kind: 'congruence', value: node, modulus };
  if (node.parts.length !== 2 || !['≡', '='].includes(node.operators[0]!)) return undefined;
  return { kind: 'congruence', left: node.parts[0]!, value: node.parts[1]!, modulus };
}

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
