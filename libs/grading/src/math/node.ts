/** What an answer means: the tree that parsing yields and that all comparisons read. */
import type { Fraction } from 'fraction.js';

export type Node =
  /** An exact rational; `decimals` counts the digits written behind a decimal point. */
  | { readonly kind: 'number'; readonly value: Fraction; readonly decimals: number }
  /** A numeral of another base than ten: value and base are not converted, because the numeral is the answer. */
  | { readonly kind: 'numeral'; readonly digits: string; readonly base: number }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'constant'; readonly name: 'pi' | 'e' | 'i' | 'infinity' }
  | { readonly kind: 'sum'; readonly terms: readonly Node[] }
  | { readonly kind: 'product'; readonly factors: readonly Node[] }
  | { readonly kind: 'quotient'; readonly top: Node; readonly bottom: Node }
  | { readonly kind: 'power'; readonly base: Node; readonly exponent: Node }
  | { readonly kind: 'negative'; readonly value: Node }
  /** `±value`, or `∓value` where the sign is -1; all of an answer are read as + or - together. */
  | { readonly kind: 'plusMinus'; readonly value: Node; readonly sign: 1 | -1 }
  /** A named function: sin, root(value, index), log(value, base), absolute, floor, factorial, binomial, f(x). */
  | { readonly kind: 'call'; readonly name: string; readonly inputs: readonly Node[] }
  | { readonly kind: 'quantity'; readonly value: Node; readonly unit: string }
  /** Known by few digits only: "≈ 8.24". */
  | { readonly kind: 'approximate'; readonly value: Node }
  | { readonly kind: 'text'; readonly text: string }
  /** A point, a vector or an interval: brackets alone do not tell. */
  | { readonly kind: 'tuple'; readonly open: '(' | '['; readonly close: ')' | ']'; readonly items: readonly Node[] }
  | { readonly kind: 'set'; readonly items: readonly Node[] }
  | { readonly kind: 'list'; readonly items: readonly Node[]; readonly joint: Joint }
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Node[])[] }
  | { readonly kind: 'ratio'; readonly parts: readonly Node[] }
  /** `a < b <= c`: one operator fewer than parts. */
  | { readonly kind: 'relation'; readonly parts: readonly Node[]; readonly operators: readonly Relation[] }
  | { readonly kind: 'setOperation'; readonly operator: SetOperator; readonly left: Node; readonly right: Node };

export type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;

/** What joins the parts of a list. */
export type Joint = ',' | ';' | 'or' | 'and';

export const RELATIONS = ['=', '!=', '<', '>', '<=', '>=', 'in', '~'] as const;
export type Relation = (typeof RELATIONS)[number];

export const SET_OPERATORS = ['union', 'intersection', 'without'] as const;
export type SetOperator = (typeof SET_OPERATORS)[number];

/** The nodes right below a node. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'sum':
      return node.terms;
    case 'product':
      return node.factors;
    case 'quotient':
      return [node.top, node.bottom];
    case 'power':
      return [node.base, node.exponent];
    case 'negative':
    case 'plusMinus':
    case 'quantity':
    case 'approximate':
      return [node.value];
    case 'call':
      return node.inputs;
    case 'tuple':
    case 'set':
    case 'list':
      return node.items;
    case 'matrix':
      return node.rows.flat();
    case 'ratio':
    case 'relation':
      return node.parts;
    case 'setOperation':
      return [node.left, node.right];
    default:
      return [];
  }
}

/** Whether the rule holds for the node or any below it. */
export function someNode(node: Node, rule: (node: Node) => boolean): boolean {
  return rule(node) || childrenOf(node).some((child) => someNode(child, rule));
}

/** Names of all symbols of a tree. */
export function symbolsOf(node: Node, into = new Set<string>()): Set<string> {
  if (node.kind === 'symbol') into.add(node.name);
  for (const child of childrenOf(node)) symbolsOf(child, into);
  return into;
}
