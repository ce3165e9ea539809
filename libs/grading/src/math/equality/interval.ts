/** Sets of real numbers as unions of intervals. */
import { Fraction } from 'fraction.js';
import { infinity, negative, number } from '../tree/build.ts';
import { exactValue } from '../numbers/exact.ts';
import { MAX_UNORDERED_ITEMS, type Steps } from '../limits.ts';
import { symbolsOf, type Node, type NodeOf } from '../tree/node.ts';
import { numericValue } from '../numbers/numeric.ts';
import { normalText } from './equal-text.ts';
import { difference, nameOf, rising } from './relation.ts';

export interface Interval {
  readonly low: Node;
  readonly high: Node;
  readonly lowOpen: boolean;
  readonly highOpen: boolean;
}

const LOWEST = negative(infinity);
const LINE: Interval = { low: LOWEST, high: infinity, lowOpen: true, highOpen: true };
const REALS = new Set(['allrealnumbers', 'allreals', 'realnumbers', 'allrealx', 'reals']);

/** The intervals that an answer describes, from low to high; undefined where it describes none. */
export function intervalsOf(node: Node, steps: Steps): readonly Interval[] | undefined {
  const found = collect(node, steps);
  return found && merged(found, steps);
}

function collect(node: Node, steps: Steps): readonly Interval[] | undefined {
  switch (node.kind) {
    case 'tuple':
      return ofTuple(node);
    case 'set':
      return node.items.map((item) => ({ low: item, high: item, lowOpen: false, highOpen: false }));
    case 'symbol':
      return node.name === 'mathbb(R)' ? [LINE] : undefined;
    case 'text':
      return REALS.has(normalText(node.text)) ? [LINE] : undefined;
    case 'relation':
      return ofRelation(node, steps);
    case 'list':
      return ofList(node, steps);
    case 'setOperation':
      if (node.operator === 'union') return together([node.left, node.right], steps);
      if (node.operator === 'intersection') return common([node.left, node.right], steps);
      return node.operator === 'without' ? without(collect(node.left, steps), node.right, steps) : undefined;
    default:
      return undefined;
  }
}

/** What is in all of them: "x > 1 and x < 5". */
function common(nodes: readonly Node[], steps: Steps): readonly Interval[] | undefined {
  const sets = nodes.map((node) => collect(node, steps));
  return sets.includes(undefined) ? undefined : intersected(sets as (readonly Interval[])[], steps);
}

function intersected(sets: readonly (readonly Interval[])[], steps: Steps): readonly Interval[] | undefined {
  let result: readonly Placed[] = [placed(LINE, steps)];
  for (const set of sets) {
    const next = set.map((interval) => placed(interval, steps));
    if (next.some(({ low, high }) => low === undefined || high === undefined)) return undefined;
    result = result.flatMap((one) => next.flatMap((other) => overlap(one, other)));
    if (result.length > MAX_UNORDERED_ITEMS) return undefined;
  }
  return result.map(({ interval }) => interval);
}

function overlap(a: Placed, b: Placed): readonly Placed[] {
  const low = a.low! > b.low! || (a.low === b.low && a.interval.lowOpen) ? a : b;
  const high = a.high! < b.high! || (a.high === b.high && a.interval.highOpen) ? a : b;
  const interval: Interval = {
    low: low.interval.low,
    lowOpen: low.interval.lowOpen,
    high: high.interval.high,
    highOpen: high.interval.highOpen,
  };
  const isEmpty = low.low! > high.high! || (low.low === high.high && (interval.lowOpen || interval.highOpen));
  return isEmpty ? [] : [{ interval, low: low.low, high: high.high }];
}

/** "x < 1 or x > 2"; with a comma for the "or" only where it cannot mean "and". */
function ofList({ items, joint }: NodeOf<'list'>, steps: Steps): readonly Interval[] | undefined {
  const isRelations = items.every(({ kind }) => kind === 'relation');
  if (isRelations && (joint === 'and' || items.every(isExclusion))) return common(items, steps);
  const found = isRelations ? together(items, steps) : undefined;
  if (joint === 'or' || (found && merged(found, steps).length === items.length)) return found;
  // "x > 1, x < 5": all numbers by "or", so "and" is meant.
  return found && merged(found, steps).every(isLine) ? common(items, steps) : undefined;
}

const isExclusion = (node: Node): boolean => node.kind === 'relation' && node.operators.join() === '!=';
const isLine = ({ low, high }: Interval): boolean => infinite(low) === -1 && infinite(high) === 1;

function ofTuple({ items, open, close }: NodeOf<'tuple'>): readonly Interval[] | undefined {
  const [low, high] = items;
  if (items.length !== 2 || !low || !high) return undefined;
  return [{ low, high, lowOpen: open === '(', highOpen: close === ')' }];
}

function together(nodes: readonly Node[], steps: Steps): readonly Interval[] | undefined {
  const parts = nodes.map((node) => collect(node, steps));
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part!);
}

/** Numbers without some points. */
function without(from: readonly Interval[] | undefined, points: Node, steps: Steps): readonly Interval[] | undefined {
  if (!from || points.kind !== 'set') return undefined;
  const bounds = [LOWEST, ...sorted(points.items, steps), infinity];
  const gaps = bounds.slice(1).map((high, at) => ({ low: bounds[at]!, high, lowOpen: true, highOpen: true }));
  return from[0] === LINE ? gaps : intersected([from, gaps], steps);
}

function sorted(nodes: readonly Node[], steps: Steps): Node[] {
  const placed = nodes.map((node) => ({ node, place: place(node, steps) ?? Number.NaN }));
  return placed.sort((a, b) => a.place - b.place).map(({ node }) => node);
}

function ofRelation(node: NodeOf<'relation'>, steps: Steps): readonly Interval[] | undefined {
  const [first, second] = node.parts;
  if (node.operators[0] === 'in') return nameOf(first!) === undefined ? undefined : collect(second!, steps);
  if (node.operators[0] === '!=' && node.parts.length === 2 && nameOf(first!) !== undefined)
    return without([LINE], { kind: 'set', items: [second!] }, steps);
  const chain = rising(node);
  return chain && ofChain(chain, steps);
}

/** `a < x <= b`, also where the middle is to be solved: `1 \\le |z| \\le 2`, `1 < 2x+1 < 3`. */
function ofChain({ parts, operators }: NodeOf<'relation'>, steps: Steps): readonly Interval[] | undefined {
  const isOpen = (at: number): boolean => operators[at] === '<';
  const [low, middle, high] = parts;
  if (parts.length === 2) return halfLine(low!, middle!, isOpen(0), steps);
  if (parts.length !== 3) return undefined;
  if (nameOf(middle!) !== undefined) return [{ low: low!, high: high!, lowOpen: isOpen(0), highOpen: isOpen(1) }];
  const sides = [halfLine(low!, middle!, isOpen(0), steps), halfLine(middle!, high!, isOpen(1), steps)];
  return sides.includes(undefined) ? undefined : intersected(sides as (readonly Interval[])[], steps);
}

/** `smaller < larger`, solved where one side is a name and the other a constant, or both are linear in one symbol. */
function halfLine(smaller: Node, larger: Node, open: boolean, steps: Steps): readonly Interval[] | undefined {
  const isConstant = (node: Node): boolean => symbolsOf(node).size === 0;
  if (isAbsolute(smaller) && isConstant(larger)) return within(smaller.inputs[0]!, larger, open, steps);
  if (isAbsolute(larger) && isConstant(smaller)) return beyond(larger.inputs[0]!, smaller, open, steps);
  if (nameOf(smaller) !== undefined && isConstant(larger))
    return [{ low: LOWEST, high: larger, lowOpen: true, highOpen: open }];
  if (nameOf(larger) !== undefined && isConstant(smaller))
    return [{ low: smaller, high: infinity, lowOpen: open, highOpen: true }];
  return solveLinear(difference(larger, smaller), open, steps);
}

const isAbsolute = (node: Node): node is NodeOf<'call'> => node.kind === 'call' && node.name === 'absolute';

/** |u| < c is -c < u < c. */
function within(inner: Node, bound: Node, open: boolean, steps: Steps): readonly Interval[] | undefined {
  const sides = [halfLine(negative(bound), inner, open, steps), halfLine(inner, bound, open, steps)];
  return sides.includes(undefined) ? undefined : intersected(sides as (readonly Interval[])[], steps);
}

/** |u| > c is u > c or u < -c. */
function beyond(inner: Node, bound: Node, open: boolean, steps: Steps): readonly Interval[] | undefined {
  const [above, below] = [halfLine(bound, inner, open, steps), halfLine(inner, negative(bound), open, steps)];
  return above && below ? [...above, ...below] : undefined;
}

/** Where a x + b > 0. */
function solveLinear(positive: Node, open: boolean, steps: Steps): readonly Interval[] | undefined {
  const [name, another] = [...symbolsOf(positive)];
  if (name === undefined || another !== undefined) return undefined;
  const at = (x: number): Fraction | undefined => exactValue(positive, new Map([[name, new Fraction(x)]]), steps);
  const [zero, one, two] = [at(0), at(1), at(2)];
  if (!zero || !one || !two) return undefined;
  const slope = one.sub(zero);
  if (slope.n === 0n || !two.sub(one).equals(slope)) return undefined;
  const bound = number(zero.div(slope).neg());
  return slope.s > 0n
    ? [{ low: bound, high: infinity, lowOpen: open, highOpen: true }]
    : [{ low: LOWEST, high: bound, lowOpen: true, highOpen: open }];
}

/** -1, 0 or 1: which end of the line a bound is. */
export function infinite(node: Node): -1 | 0 | 1 {
  if (node.kind === 'constant' && node.name === 'infinity') return 1;
  return node.kind === 'negative' ? ((0 - infinite(node.value)) as -1 | 0 | 1) : 0;
}

function place(node: Node, steps: Steps): number | undefined {
  const end = infinite(node);
  if (end !== 0) return end * Infinity;
  const value = numericValue(node, new Map(), steps)?.value;
  return value && Math.abs(value.im) < 1e-9 ? value.re : undefined;
}

const placed = (interval: Interval, steps: Steps): Placed => ({
  interval,
  low: place(interval.low, steps),
  high: place(interval.high, steps),
});

/** Sorted, and joined where one ends in a number with which the next begins. Bounds with symbols stay as written. */
function merged(intervals: readonly Interval[], steps: Steps): readonly Interval[] {
  const parts = intervals.map((interval) => placed(interval, steps));
  if (parts.some(({ low, high }) => low === undefined || high === undefined)) return intervals;
  parts.sort((a, b) => a.low! - b.low! || a.high! - b.high!);
  const result: Placed[] = [];
  for (const next of parts) {
    const last = result.at(-1);
    const touches =
      last &&
      (last.high! > next.low! || (last.high === next.low && !(last.interval.highOpen && next.interval.lowOpen)));
    if (touches) result[result.length - 1] = hull(last, next);
    else result.push(next);
  }
  return result.map(({ interval }) => interval);
}

type Placed = { readonly interval: Interval; readonly low: number | undefined; readonly high: number | undefined };

function hull(a: Placed, b: Placed): Placed {
  const isBeyond = b.high! > a.high! || (b.high === a.high && !b.interval.highOpen);
  const { high, highOpen } = isBeyond ? b.interval : a.interval;
  const lowOpen = a.interval.lowOpen && (b.low! > a.low! || b.interval.lowOpen);
  return { interval: { ...a.interval, lowOpen, high, highOpen }, low: a.low, high: isBeyond ? b.high : a.high };
}
