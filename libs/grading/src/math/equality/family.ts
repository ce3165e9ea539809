/** Answers with a name that stands for every whole number, or for any constant. */
import { number, sum, symbol } from '../tree/build.ts';
import { equalExpressions } from './equal-expression.ts';
import type { Steps } from '../limits.ts';
import { replaced, symbolsOf, type Node } from '../tree/node.ts';
import { numericValue } from '../numbers/numeric.ts';
import { difference } from './relation.ts';

/** `k\pi, k \in \mathbb{Z}` */
export interface Family {
  readonly parameter: string;
  /** Symbol of the numbers that the parameter runs through. */
  readonly domain: string;
  readonly members: Node;
}

/** The family that a list with a membership at its end is. */
export function familyOf(node: Node): Family | undefined {
  if (node.kind !== 'list') return undefined;
  const found = node.items.map(domainOf);
  const at = found.findIndex((item) => item !== undefined);
  const item = found[at];
  if (!item || found.filter((other) => other !== undefined).length > 1) return undefined;
  const items = node.items.filter((_item, position) => position !== at);
  if (!items.some((member) => symbolsOf(member).has(item.parameter))) return undefined;
  return { ...item, members: items.length === 1 ? items[0]! : { ...node, items } };
}

/** `k \in \mathbb{Z}`, "k is an integer", "for integer k". */
function domainOf(node: Node): { readonly parameter: string; readonly domain: string } | undefined {
  if (node.kind === 'relation' && node.operators.join() === 'in') {
    const [name, domain] = node.parts;
    if (name?.kind !== 'symbol' || domain?.kind !== 'symbol') return undefined;
    return /^mathbb\([ZNQRC]\)/.test(domain.name) ? { parameter: name.name, domain: domain.name } : undefined;
  }
  if (node.kind === 'quantity' && node.value.kind === 'symbol')
    return /^is (?:an? |any )?(?:arbitrary )?integer$/.test(node.unit)
      ? { parameter: node.value.name, domain: 'mathbb(Z)' }
      : undefined;
  if (node.kind !== 'text') return undefined;
  const text = node.text.replace(/\s+/g, ' ').trim();
  const match =
    /^(?:where |with |for )?(?:all |any |some |every |each )?([a-z]) (?:is )?(?:an? |any )?(?:arbitrary )?integers?$/i.exec(
      text,
    ) ?? /^(?:where |with |for )?(?:all |any |some |every |each |an? )?integers? ([a-z])$/i.exec(text);
  return match ? { parameter: match[1]!, domain: 'mathbb(Z)' } : undefined;
}

/** Names that people give to whole numbers. */
const USUAL: ReadonlySet<string> = new Set(['k', 'n', 'm', 'l', 'j', 't']);

/** The same family under another name of its parameter; the set of its parameter may be missing on one side. */
export function equalFamilies(
  a: Node,
  b: Node,
  steps: Steps,
  equal: (a: Node, b: Node) => boolean,
): boolean | undefined {
  const [one, other] = [familyOf(a), familyOf(b)];
  if (!one && !other) return undefined;
  const left = one ?? undeclared(a, other!);
  const right = other ?? undeclared(b, one!);
  if (!left || !right || left.domain !== right.domain) return false;
  const renamed = (family: Family): Node => replaced(family.members, family.parameter, symbol(PARAMETER));
  const [first, second] = [renamed(left), renamed(right)];
  if (equal(first, second)) return true;
  return left.domain === 'mathbb(Z)' && sameProgression(first, second, steps);
}

const PARAMETER = 'parameter';

function undeclared(node: Node, like: Family): Family | undefined {
  const names = [...symbolsOf(node)];
  const parameter = names.find((name) => name === like.parameter) ?? names.find((name) => USUAL.has(name));
  return parameter === undefined ? undefined : { ...like, parameter, members: node };
}

/** a + b k over all whole k: the same where the steps are equal but for their sign, and the starts differ by whole steps. */
function sameProgression(a: Node, b: Node, steps: Steps): boolean {
  const [one, other] = [progression(a, steps), progression(b, steps)];
  if (!one || !other) return false;
  const [step, otherStep] = [one.step, other.step];
  if (
    !equalExpressions(step, otherStep, steps) &&
    !equalExpressions(step, { kind: 'negative', value: otherStep }, steps)
  )
    return false;
  return isWhole({ kind: 'quotient', top: difference(one.start, other.start), bottom: step }, steps);
}

interface Progression {
  readonly start: Node;
  readonly step: Node;
}

function progression(node: Node, steps: Steps): Progression | undefined {
  const value = node.kind === 'relation' && node.operators.join() === '=' ? node.parts.at(-1)! : node;
  if ([...symbolsOf(value)].join() !== PARAMETER) return undefined;
  const at = (k: number): Node => replaced(value, PARAMETER, number(k));
  const step = difference(at(1), at(0));
  return equalExpressions(difference(at(2), at(1)), step, steps) ? { start: at(0), step } : undefined;
}

function isWhole(node: Node, steps: Steps): boolean {
  const value = numericValue(node, new Map(), steps)?.value.re;
  return value !== undefined && equalExpressions(node, number(Math.round(value)), steps);
}

/** Names of a constant that may be any: of an integral. */
const CAPITAL = /^[CK](?:_\w+)?$/;
const CONSTANT = /^(?:[CK](?:_\w+)?|c|constant|const)$/;

/**
 * Antiderivatives `F(x) + C`: the same where they differ by a constant. Undefined where one of them has no free constant; what is
 * beside it has to be a function of names in small letters, so that A + C is a sum of two sides.
 */
export function equalUpToConstant(a: Node, b: Node, steps: Steps): boolean | undefined {
  const [one, other] = [withoutConstant(a, CONSTANT), withoutConstant(b, CONSTANT)];
  // A small c on both sides is a variable like any other: a + b + c.
  if (!one || !other || (!withoutConstant(a, CAPITAL) && !withoutConstant(b, CAPITAL))) return undefined;
  const rest = difference(one, other);
  const names = [...symbolsOf(rest)];
  if (names.length === 0) return true;
  const moved = names.reduce((node, name, at) => replaced(node, name, sum([symbol(name), number(at + 1)])), rest);
  return equalExpressions(rest, moved, steps);
}

function withoutConstant(node: Node, names: RegExp): Node | undefined {
  if (node.kind !== 'sum') return undefined;
  const at = node.terms.findIndex((term) => term.kind === 'symbol' && names.test(term.name));
  const terms = node.terms.filter((_term, position) => position !== at);
  const rest = sum(terms);
  const others = [...symbolsOf(rest)];
  const isFunction = others.length > 0 && others.every((name) => /^[a-z]/.test(name) && !CONSTANT.test(name));
  const found = node.terms[at];
  // A small c is a constant beside one variable only.
  const isConstant = found?.kind === 'symbol' && (found.name !== 'c' || others.length === 1);
  return isConstant && isFunction ? rest : undefined;
}
