/** Answers that are several: lists, sets, and what ± stands for. */
import { negative } from '../tree/build.ts';
import { mapChildren, someNode, type Node } from '../tree/node.ts';
import { assignmentOf } from './relation.ts';

export const hasPlusMinus = (node: Node): boolean => someNode(node, ({ kind }) => kind === 'plusMinus');

/** The items of a list or set, with ± written out; undefined for a single answer. */
export function itemsOf(node: Node): readonly Node[] | undefined {
  if (node.kind === 'list' || node.kind === 'set') return solutions(node.items).flatMap((item) => bothSigns(item));
  return hasPlusMinus(node) ? bothSigns(node) : undefined;
}

/** Several solutions in several names, `x = 1, y = 2, x = 3, y = 4`, are as many points. */
function solutions(items: readonly Node[]): readonly Node[] {
  const names = items.map((item) => assignmentOf(item)?.name);
  const period = names.indexOf(names[0], 1);
  if (names.includes(undefined) || period < 2 || items.length % period !== 0) return items;
  if (names.some((name, at) => name !== names[at % period])) return items;
  const values = items.map((item) => assignmentOf(item)!.value);
  return Array.from({ length: items.length / period }, (_empty, at) =>
    point(values.slice(at * period, (at + 1) * period)),
  );
}

const point = (items: readonly Node[]): Node => ({ kind: 'tuple', open: '(', close: ')', items });

/** An answer with every ± read as plus, and with every one read as minus. */
function bothSigns(node: Node): readonly Node[] {
  return hasPlusMinus(node) ? [withSign(node, 1), withSign(node, -1)] : [node];
}

function withSign(node: Node, sign: 1 | -1): Node {
  const of = (child: Node): Node => withSign(child, sign);
  if (node.kind !== 'plusMinus') return mapChildren(node, of);
  return sign === node.sign ? of(node.value) : negative(of(node.value));
}
