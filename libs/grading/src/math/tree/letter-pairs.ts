/** Two capital letters side by side: a segment between two points, or a product of two variables. */
import { product, symbol } from './build.ts';
import { mapChildren, someNode, type Node } from './node.ts';

const isPair = (node: Node): boolean => node.kind === 'symbol' && node.pair === true;

/**
 * Both answers with such pairs read in the same way: as segments where both have them, so that AB·CD is not AC·BD, and as
 * products where only one has.
 */
export function withSamePairs(a: Node, b: Node): readonly [Node, Node] {
  const [one, other] = [someNode(a, isPair), someNode(b, isPair)];
  if (!one && !other) return [a, b];
  return one && other ? [asSegments(a), asSegments(b)] : [asProducts(a), asProducts(b)];
}

/** BA is AB, and so is |AB|. */
function asSegments(node: Node): Node {
  if (node.kind === 'call' && node.name === 'absolute' && isPair(node.inputs[0]!)) return asSegments(node.inputs[0]!);
  if (node.kind !== 'symbol' || !node.pair) return mapChildren(node, asSegments);
  const [first = '', second = ''] = node.name;
  return first <= second ? node : { ...node, name: second + first + node.name.slice(2) };
}

function asProducts(node: Node): Node {
  if (node.kind === 'symbol' && node.pair) return product([symbol(node.name[0]!), symbol(node.name.slice(1))]);
  // The exponent of AB^2 is that of B.
  if (node.kind === 'power' && node.base.kind === 'symbol' && node.base.pair)
    return product([
      symbol(node.base.name[0]!),
      { ...node, base: symbol(node.base.name.slice(1)), exponent: asProducts(node.exponent) },
    ]);
  const changed = mapChildren(node, asProducts);
  return changed.kind === 'product' ? product(changed.factors.flatMap(factorsOf)) : changed;
}

const factorsOf = (node: Node): readonly Node[] => (node.kind === 'product' ? node.factors : [node]);
