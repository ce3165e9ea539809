/** What relations say: which value a name has, and which numbers an inequality allows. */
import { negative, sum } from '../tree/build.ts';
import { DEFINED } from '../numbers/functions.ts';
import type { Node, NodeOf, Relation } from '../tree/node.ts';
import { normalForm } from '../print.ts';

/** `name = value`. In a chain the last value before "≈" counts: x = 5 + 6 = 11. */
export interface Assignment {
  readonly name: string;
  readonly value: Node;
  /** Whether several names are given at once: (x, y) = (1, 2). */
  readonly plural: boolean;
}

/** What a relation assigns to a name; undefined where it is an equation of another form. */
export function assignmentOf(node: Node): Assignment | undefined {
  if (node.kind !== 'relation' || !node.operators.every((operator) => operator === '=' || operator === '~'))
    return undefined;
  const [first, ...others] = node.parts;
  const last = lastExact(node);
  const name = nameOf(first!);
  if (name !== undefined) return { name, value: last, plural: first!.kind === 'tuple' };
  const behind = others.length === 1 && others[0]!.kind === 'symbol' ? nameOf(others[0]!) : undefined;
  return behind === undefined ? undefined : { name: behind, value: first!, plural: false };
}

/** The last part of a chain that is not merely near to the one before. */
export function lastExact({ parts, operators }: NodeOf<'relation'>): Node {
  const near = operators.indexOf('~');
  if (near < 0) return parts.at(-1)!;
  return parts[near === 0 && nameOf(parts[0]!) !== undefined ? 1 : near]!;
}

/** What a node names, where it is no expression to be solved: x, AB, f(x), \sin\theta, (x, y), a:b. */
export function nameOf(node: Node): string | undefined {
  switch (node.kind) {
    case 'symbol':
      return node.name;
    case 'call':
      return nameOfCall(node);
    case 'product':
      return joined('product', node.factors);
    case 'tuple':
      return joined('tuple', node.items);
    case 'ratio':
      return joined('ratio', node.parts);
    default:
      return undefined;
  }
}

/** `f(x)` is f, `f(2)` a value of it; `\\sin\\theta` is the sine of theta, and `|z|` is to be solved for z. */
function nameOfCall({ name, inputs }: NodeOf<'call'>): string | undefined {
  if (name === 'absolute' || name === 'dots') return undefined;
  const symbols = inputs.filter((input) => input.kind === 'symbol');
  if (DEFINED.has(name)) return joined(name, symbols);
  return symbols.length === inputs.length ? name : normalForm({ kind: 'call', name, inputs });
}

function joined(kind: string, parts: readonly Node[]): string | undefined {
  const names = parts.map((part) => (part.kind === 'symbol' ? part.name : undefined));
  return names.length === 0 || names.includes(undefined) ? undefined : `${kind}(${names.join(' ')})`;
}

/** left - right, whose zeros an equation describes. */
export const difference = (left: Node, right: Node): Node => sum([left, negative(right)]);

export const FLIPPED: Readonly<Partial<Record<Relation, Relation>>> = {
  ...{ '<': '>', '>': '<', '<=': '>=', '>=': '<=' },
  ...{ subset: 'supset', supset: 'subset', subseteq: 'supseteq', supseteq: 'subseteq' },
};

export const isOrder = (operator: Relation): boolean => /^[<>]/.test(operator);

/** Whether a relation is one of numbers, which says the same of the difference of its sides and zero. */
export const isNumeric = (operator: Relation): boolean => /^[=!<>~]/.test(operator);

/** Whether both sides may be changed for one another. */
export const isSymmetric = (operator: Relation): boolean =>
  ['=', '!=', '~', '≡', 'perp', 'parallel', 'sim', 'cong', 'iff'].includes(operator);

/** The same chain read from left to right with rising values; undefined where it is no chain of one direction. */
export function rising(node: NodeOf<'relation'>): NodeOf<'relation'> | undefined {
  if (node.operators.every((operator) => operator.startsWith('<'))) return node;
  if (!node.operators.every((operator) => operator.startsWith('>'))) return undefined;
  return {
    kind: 'relation',
    parts: [...node.parts].reverse(),
    operators: [...node.operators].reverse().map((operator) => FLIPPED[operator]!),
  };
}
