/** What is asked for on the left of an equation: `m+n=29` and `|CD|=13` state a value as `x=5` does. */
import { DEFINED } from '../numbers/functions.ts';
import type { Node, NodeOf } from '../tree/node.ts';
import { symbolsOf } from '../tree/node.ts';
import { nameOf } from './relation.ts';

/**
 * The value that an equation gives to an expression; undefined where it is an equation to be solved (`2x = 10`, `x + 3 = 7`) or a
 * curve. A `gold` answer that is an equation in coordinates is a line or a circle: `x^2 + y^2 = 25` is not 25.
 */
export function statedValue(node: NodeOf<'relation'>, gold: boolean): Node | undefined {
  if (node.operators.some((operator) => operator !== '=')) return undefined;
  const [left, value] = [node.parts[0]!, node.parts.at(-1)!];
  if (symbolsOf(value).size > 0 || !isAsked(left)) return undefined;
  return isCurve(left, value, gold) ? undefined : value;
}

/** An expression of names and functions in which no number is added or multiplied. */
function isAsked(node: Node): boolean {
  switch (node.kind) {
    case 'sum':
      return node.terms.every((term) => isAsked(term.kind === 'negative' ? term.value : term));
    case 'product':
      return node.factors.every(isAsked);
    case 'power':
      return isAsked(node.base);
    case 'quotient':
      return symbolsOf(node).size > 0;
    case 'call':
      return node.name === 'dots' || symbolsOf(node).size > 0 || !DEFINED.has(node.name);
    case 'tuple':
    case 'setOperation':
      return nameOf(node) !== undefined;
    case 'quantity':
      return isAsked(node.value);
    default:
      return node.kind === 'symbol' || node.kind === 'constant';
  }
}

const COORDINATES: ReadonlySet<string> = new Set(['x', 'y', 'z', 'r', 'theta']);

/** An equation in several coordinates; as an answer, `x + y = 7` may state a sum that was asked for, but not `x + y = 0`. */
function isCurve(left: Node, value: Node, gold: boolean): boolean {
  const parts = left.kind === 'sum' ? left.terms : left.kind === 'product' ? left.factors : [];
  if ([...symbolsOf(left)].filter((name) => COORDINATES.has(name)).length < 2 || parts.length === 0) return false;
  const isBare = parts.every((part) => (part.kind === 'negative' ? part.value : part).kind === 'symbol');
  return gold || !isBare || (value.kind === 'number' && value.value.n === 0n);
}
