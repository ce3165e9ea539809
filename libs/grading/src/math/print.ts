/** The normal form of an answer, as verdicts show it. */
import { exactValue } from './numbers/exact.ts';
import { Steps } from './limits.ts';
import { numericValue } from './numbers/numeric.ts';
import { DEFINED } from './numbers/functions.ts';
import { someNode, type Node, type NodeOf } from './tree/node.ts';

const MAX_SHOWN = 400;

/** One way of writing for answers that are the same but for order, spacing and exact arithmetic. Deterministic. */
export function normalForm(node: Node): string {
  const written = print(node, new Steps());
  return written.length <= MAX_SHOWN ? written : `${written.slice(0, MAX_SHOWN)}…`;
}

/** As the normal form, but whole. */
export const structure = (node: Node, steps: Steps): string => print(node, steps);

function print(node: Node, steps: Steps): string {
  const value = ARITHMETIC.has(node.kind) ? exactValue(node, NO_VALUES, steps) : undefined;
  if (value) return value.toFraction();
  const irrational =
    ARITHMETIC.has(node.kind) && !someNode(node, isUndefined) ? printIrrational(node, steps) : undefined;
  if (irrational) return irrational;
  const of = (child: Node): string => print(child, steps);
  switch (node.kind) {
    case 'sum':
      return `(${node.terms.map(of).sort().join(' + ')})`;
    case 'product':
      return node.factors.map(of).sort().join('*');
    case 'quotient':
      return `(${of(node.top)})/(${of(node.bottom)})`;
    case 'power':
      return `${of(node.base)}^(${of(node.exponent)})`;
    case 'negative':
      return `-${of(node.value)}`;
    case 'plusMinus':
      return `±${of(node.value)}`;
    case 'approximate':
      return `≈${of(node.value)}`;
    case 'quantity':
      return `${of(node.value)} ${node.unit}`;
    case 'call':
      return `${node.name}(${node.inputs.map(of).join(', ')})`;
    default:
      return printWhole(node, of);
  }
}

/** Constants by their value, so that `\sqrt8` and `2\sqrt2` are the same vote. */
function printIrrational(node: Node, steps: Steps): string | undefined {
  const found = numericValue(node, NO_VALUES, steps);
  if (!found || found.error > 1e-12 * found.value.abs()) return undefined;
  const { re, im } = found.value;
  const digits = (part: number): string => String(Number(part.toPrecision(11)));
  if (Math.abs(im) <= 2 * found.error) return `≈${digits(re)}`;
  return Math.abs(re) <= 2 * found.error ? `≈${digits(im)}i` : `≈${digits(re)}${im < 0 ? '' : '+'}${digits(im)}i`;
}

/** A function that nobody defined has a name but no value. */
const isUndefined = (node: Node): boolean => node.kind === 'call' && !DEFINED.has(node.name);

const NO_VALUES = new Map();
const ARITHMETIC = new Set(['number', 'sum', 'product', 'quotient', 'power', 'negative', 'call']);

/** Answers that are more than an expression. */
function printWhole(node: Node, of: (node: Node) => string): string {
  switch (node.kind) {
    case 'tuple':
      return `${node.open}${node.items.map(of).join(', ')}${node.close}`;
    case 'set':
      return `{${node.items.map(of).sort().join(', ')}}`;
    case 'list':
      return node.items.map(of).sort().join(', ');
    case 'matrix':
      return `[${node.rows.map((row) => `[${row.map(of).join(', ')}]`).join(', ')}]`;
    case 'ratio':
      return node.parts.map(of).join(':');
    case 'relation':
      return printRelation(node, of);
    case 'congruence':
      return `${node.left ? `${of(node.left)} ≡ ` : ''}${of(node.value)} mod ${of(node.modulus)}`;
    case 'setOperation':
      return `${of(node.left)} ${node.operator} ${of(node.right)}`;
    case 'numeral':
      return `${node.digits}_${node.base}`;
    case 'text':
      return node.text;
    default:
      return 'name' in node ? node.name : '';
  }
}

function printRelation({ parts, operators }: NodeOf<'relation'>, of: (node: Node) => string): string {
  return parts.map((part, at) => (at === 0 ? of(part) : `${operators[at - 1]} ${of(part)}`)).join(' ');
}
