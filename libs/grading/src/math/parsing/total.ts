/** Values in several units that are one amount: 2 hours 15 minutes. */
import { product, quantity, number, sum } from '../tree/build.ts';
import type { Node, NodeOf } from '../tree/node.ts';
import { areAddable, unitFactor } from '../notation/units.ts';

/** The sum in the unit of the first, where all are of one dimension and each unit is smaller than the one before. */
export function totalOf(items: readonly Node[]): Node | undefined {
  if (items.length < 2 || !items.every((item) => item.kind === 'quantity')) return undefined;
  const parts = items as readonly NodeOf<'quantity'>[];
  const [first] = parts;
  const isFalling = parts.every((part, at) => at === 0 || isSmaller(part.unit, parts[at - 1]!.unit));
  if (!first || !isFalling) return undefined;
  const terms = parts.map(({ value, unit }) => product([value, number(unitFactor(unit, first.unit)!)]));
  return quantity(sum(terms), first.unit);
}

const isSmaller = (unit: string, than: string): boolean =>
  areAddable(unit, than) && unitFactor(unit, than)!.compare(1) < 0;
