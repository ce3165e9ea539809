/** Remainders: `5 \pmod 8`, `n \equiv 4 \pmod 9`, `17 \bmod 5`. */
import type { Cursor } from './cursor.ts';
import { Unreadable } from '../limits.ts';
import type { Node, NodeOf, Relation } from '../tree/node.ts';
import { parseArgument, parseFactor } from './parse-expression.ts';

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
