/** What an answer means: the tree that parsing yields and that all comparisons read. */
import type { Fraction } from 'fraction.js';

export type Node =
  /** An exact rational; `decimals` counts the digits written behind a decimal point. */
  | { readonly kind: 'number'; readonly value: Fraction; readonly decimals: number }
  /** A numeral of another base than ten: value and base are not converted, because the numeral is the answer. */
  | { readonly kind: 'numeral'; readonly digits: string; readonly base: number }
  /** `bold`: written as vectors and matrices are. `pair`: two capital letters, a segment or a product. */
  | { readonly kind: 'symbol'; readonly name: string; readonly bold?: boolean; readonly pair?: boolean }
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
  /** `value mod modulus`, or `left ≡ value (mod modulus)`. */
  | { readonly kind: 'congruence'; readonly left?: Node; readonly value: Node; readonly modulus: Node }
  /** `a < b <= c`: one operator fewer than parts. */
  | { readonly kind: 'relation'; readonly parts: readonly Node[]; readonly operators: readonly Relation[] }
  | { readonly kind: 'setOperation'; readonly operator: SetOperator; readonly left: Node; readonly right: Node };

export type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;

/** What joins the parts of a list. */
export type Joint = ',' | ';' | 'or' | 'and';

/** Orders and equations, and relations that only their two sides define. */
export const RELATIONS = [
  ...(['=', '!=', '<', '>', '<=', '>=', 'in', '~'] as const),
  ...(['≡', 'nequiv', 'notin', 'subset', 'subseteq', 'supset', 'supseteq', 'perp', 'parallel'] as const),
  ...(['sim', 'cong', 'propto', 'to', 'implies', 'iff', 'nmid'] as const),
] as const;
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
    case 'congruence':
      return node.left ? [node.left, node.value, node.modulus] : [node.value, node.modulus];
    default:
      return [];
  }
}

/** The node with each node right below it changed. */
export function mapChildren(node: Node, to: (child: Node) => Node): Node {
  switch (node.kind) {
    case 'sum':
      return { ...node, terms: node.terms.map(to) };
    case 'product':
      return { ...node, factors: node.factors.map(to) };
    case 'quotient':
      return { ...node, top: to(node.top), bottom: to(node.bottom) };
    case 'power':
      return { ...node, base: to(node.base), exponent: to(node.exponent) };
    case 'negative':
    case 'plusMinus':
    case 'quantity':
    case 'approximate':
      return { ...node, value: to(node.value) };
    case 'call':
      return { ...node, inputs: node.inputs.map(to) };
    case 'tuple':
    case 'set':
    case 'list':
      return { ...node, items: node.items.map(to) };
    case 'matrix':
      return { ...node, rows: node.rows.map((row) => row.map(to)) };
    case 'ratio':
    case 'relation':
      return { ...node, parts: node.parts.map(to) };
    case 'setOperation':
      return { ...node, left: to(node.left), right: to(node.right) };
    case 'congruence':
      return { ...node, ...(node.left && { left: to(node.left) }), value: to(node.value), modulus: to(node.modulus) };
    default:
      return node;
  }
}

/** The tree with another node in place of a symbol. */
export function replaced(node: Node, name: string, by: Node): Node {
  if (node.kind === 'symbol') return node.name === name ? by : node;
  return mapChildren(node, (child) => replaced(child, name, by));
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
