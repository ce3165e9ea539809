/** Units of measurement: which name the same one, and how those of one dimension convert. */
import { Fraction } from 'fraction.js';

/** Powers of base dimensions: a speed is { length: 1, time: -1 }. */
type Dimensions = Readonly<Record<string, number>>;
type Row = readonly [dimensions: string | Dimensions, factor: number | string, ...names: string[]];

const AREA: Dimensions = { length: 2 };
const VOLUME: Dimensions = { length: 3 };
const SPEED: Dimensions = { length: 1, time: -1 };

const UNITS: readonly Row[] = [
  ['length', 1e-6, 'micrometer', 'micron'],
  ['length', 1e-3, 'mm', 'millimeter', 'millimetre'],
  ['length', 1e-2, 'cm', 'centimeter', 'centimetre'],
  ['length', 1e-1, 'dm', 'decimeter', 'decimetre'],
  ['length', 1, 'm', 'meter', 'metre'],
  ['length', 1e3, 'km', 'kilometer', 'kilometre'],
  ['length', 0.0254, 'in', 'inch'],
  ['length', 0.3048, 'ft', 'foot'],
  ['length', 0.9144, 'yd', 'yard'],
  ['length', 1609.344, 'mi', 'mile'],
  ['time', 1e-3, 'ms', 'millisecond'],
  ['time', 1, 's', 'sec', 'second'],
  ['time', 60, 'min', 'minute'],
  ['time', 3600, 'h', 'hr', 'hour'],
  ['time', 86_400, 'day'],
  ['time', 604_800, 'week'],
  ['month', 1, 'month'],
  ['month', 12, 'yr', 'year'],
  ['mass', 1e-3, 'mg', 'milligram'],
  ['mass', 1, 'g', 'gm', 'gram'],
  ['mass', 1e3, 'kg', 'kilogram', 'kilo'],
  ['mass', 1e6, 'tonne'],
  ['mass', 453.59237, 'lb', 'pound'],
  ['mass', 28.349523125, 'oz', 'ounce'],
  ['mass', 907_184.74, 'ton'],
  [VOLUME, 1e-6, 'ml', 'milliliter', 'millilitre', 'cc'],
  [VOLUME, 1e-3, 'l', 'liter', 'litre'],
  [VOLUME, 3.785411784e-3, 'gal', 'gallon'],
  [VOLUME, 0.946352946e-3, 'quart', 'qt'],
  [VOLUME, 0.473176473e-3, 'pint', 'pt'],
  [VOLUME, 0.2365882365e-3, 'cup'],
  [AREA, 1e4, 'hectare', 'ha'],
  [AREA, 4046.8564224, 'acre'],
  [SPEED, 0.44704, 'mph'],
  [SPEED, '5/18', 'kph', 'kmh', 'kmph'],
  ['money', 1, 'dollar', 'usd', '$', 'buck'],
  ['money', 0.01, 'cent', '¢', 'penny'],
  ['euro', 1, 'euro', '€', 'eur'],
  ['sterling', 1, '£', 'gbp', 'pound sterling'],
  ['rupee', 1, 'rupee', '₹'],
  ['yuan', 1, 'yuan', 'rmb'],
  ['yen', 1, 'yen', '¥'],
  ['angle', 1, 'degree', 'deg', '°'],
  ['angle', '1/60', 'arcminute'],
  ['radian', 1, 'radian', 'rad'],
  ['temperature', 1, 'degree c', 'degree celsius', '°c', 'celsius'],
  ['fahrenheit', 1, 'degree f', 'degree fahrenheit', '°f', 'fahrenheit'],
  ['percent', 1, '%', 'percent', 'pct', 'per cent', 'percentage'],
  ['force', 1, 'n', 'newton'],
  ['energy', 1, 'j', 'joule'],
  ['energy', 1000, 'kj', 'kilojoule'],
  ['power', 1, 'w', 'watt'],
  ['power', 1000, 'kw', 'kilowatt'],
  ['frequency', 1, 'hz', 'hertz'],
  ['voltage', 1, 'v', 'volt'],
  ['current', 1, 'ampere', 'amp'],
  ['data', 1, 'byte'],
  ['data', 0.125, 'bit'],
];

interface Known {
  readonly dimensions: Dimensions;
  readonly factor: Fraction;
  readonly name: string;
}

const BY_NAME = new Map<string, Known>(
  UNITS.flatMap(([dimensions, factor, ...names]) =>
    names.map((name): [string, Known] => [
      name,
      {
        name: names[0]!,
        factor: new Fraction(String(factor)),
        dimensions: typeof dimensions === 'string' ? { [dimensions]: 1 } : dimensions,
      },
    ]),
  ),
);

const IRREGULAR: Readonly<Record<string, string>> = {
  feet: 'foot',
  inches: 'inch',
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  pennies: 'penny',
  secs: 'sec',
  hrs: 'hr',
};

const singular = (word: string): string => IRREGULAR[word] ?? (/[a-z][a-rt-z]s$/.test(word) ? word.slice(0, -1) : word);

/** Whether a word names a unit, so that it may stand behind a number without `\text`. */
export function isUnit(word: string): boolean {
  return BY_NAME.has(singular(word.toLowerCase()));
}

/** What a unit's text says: its size where units of measurement are named, and words that say what is counted. */
interface Unit {
  readonly measured: boolean;
  readonly factor: Fraction;
  readonly dimensions: Dimensions;
  /** What is left: "of wire", "right triangles". */
  readonly words: readonly string[];
  /** Of "units" and "square units", which may be any length or area. */
  readonly genericPower: number;
}

/** One spelling for each unit: "sq. ft", "square feet" and "ft^2" are `ft^2`; words that name no known unit stay words. */
export function unitName(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[{}\\()]/g, ' ')
    .replace(/\.(?!\d)/g, ' ')
    .replace(/\bper cent\b/g, '%')
    .replace(/\s*(?:\/|\bper\b)\s*/g, '/')
    .trim();
  return plain.split('/').map(partName).join('/');
}

const POWERS: Readonly<Record<string, number>> = { square: 2, sq: 2, squared: 2, cubic: 3, cu: 3, cube: 3, cubed: 3 };

/** A product of units, in one spelling. A power before a unit or behind it belongs to it. */
function partName(part: string): string {
  const words = part
    .replace(/\s*\^\s*(-?)\s*(\d+)/g, '^$1$2')
    .split(/[\s*-]+(?!\d)/)
    .filter((word) => word !== '');
  const names: string[] = [];
  let prefix = 1;
  for (let at = 0; at < words.length; at += 1) {
    const [word = '', written = '1'] = words[at]!.split('^');
    const power = POWERS[word];
    if (power !== undefined) {
      const isSuffix = word.endsWith('d') && names.length > 0;
      if (isSuffix) names.push(withPower(names.pop()!, power));
      else prefix = power;
      continue;
    }
    const double = `${singular(word)} ${words[at + 1] ?? ''}`;
    if (BY_NAME.has(double)) at += 1;
    const name = BY_NAME.get(double)?.name ?? BY_NAME.get(singular(word))?.name ?? singular(word);
    names.push(withPower(name, prefix * Number(written)));
    prefix = 1;
  }
  return names.join(' ');
}

const withPower = (name: string, power: number): string => (power === 1 ? name : `${name}^${power}`);

function unitOf(name: string): Unit {
  const [top = '', ...bottoms] = name.split('/');
  const unit: Growing = { measured: false, factor: new Fraction(1), dimensions: {}, words: [], genericPower: 0 };
  for (const word of top.split(' ')) addTo(unit, word, 1);
  for (const bottom of bottoms) for (const word of bottom.split(' ')) addTo(unit, word, -1);
  return unit;
}

interface Growing extends Unit {
  measured: boolean;
  factor: Fraction;
  genericPower: number;
  readonly dimensions: Record<string, number>;
  readonly words: string[];
}

function addTo(unit: Growing, text: string, sign: 1 | -1): void {
  const [name = '', written = '1'] = text.split('^');
  const [known, power] = [BY_NAME.get(name), sign * Number(written)];
  if (known && unit.words.length === 0) {
    unit.measured = true;
    unit.factor = unit.factor.mul(known.factor.pow(power)!);
    for (const [dimension, of] of Object.entries(known.dimensions))
      unit.dimensions[dimension] = (unit.dimensions[dimension] ?? 0) + of * power;
  } else if (name === 'unit') unit.genericPower = power;
  // "per person" says nothing about the amount.
  else if (sign > 0 && !FILLERS.has(name)) unit.words.push(name);
}

/** Words that do not say what is counted. */
const FILLERS: ReadonlySet<string> = new Set([
  ...[
    'of',
    'the',
    'a',
    'an',
    'in',
    'total',
    'distinct',
    'different',
    'possible',
    'each',
    'more',
    'such',
    'long',
    'tall',
  ],
]);

/** What anything that is counted may be called. */
const COUNTED: ReadonlySet<string> = new Set([
  ...['way', 'value', 'number', 'integer', 'solution', 'item', 'thing', 'term', 'case', 'possibility', 'possibilities'],
  ...['arrangement', 'combination', 'permutation', 'outcome', 'choice', 'option', 'time', 'piece', 'point', 'object'],
  ...['person', 'element', 'pair', 'set', 'triple', 'tuple', 'element', 'digit', 'method', 'total'],
]);

const isSame = (a: Dimensions, b: Dimensions): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => (a[key] ?? 0) === (b[key] ?? 0));

/**
 * What a value in the first unit is multiplied by to be in the second; undefined where they do not go together. Words that are no
 * unit have to be about the same thing, but "ways" and the like fit to everything that is counted.
 */
export function unitFactor(from: string, to: string): Fraction | undefined {
  if (from === to) return ONE;
  const [a, b] = [unitOf(from), unitOf(to)];
  if (a.measured && b.measured)
    return isSame(a.dimensions, b.dimensions) && fits(a, b) ? a.factor.div(b.factor) : undefined;
  if (a.genericPower !== 0 || b.genericPower !== 0) return ofGeneric(a, b);
  return !a.measured && !b.measured && fits(a, b) ? ONE : undefined;
}

const ONE = new Fraction(1);

/** "units" are any length, "square units" any area; "units" may be things as well. */
function ofGeneric(a: Unit, b: Unit): Fraction | undefined {
  const [generic, other] = a.genericPower !== 0 ? [a, b] : [b, a];
  if (other.genericPower !== 0) return generic.genericPower === other.genericPower ? ONE : undefined;
  if (other.measured) return isSame(other.dimensions, { length: generic.genericPower }) ? ONE : undefined;
  return generic.genericPower === 1 ? ONE : undefined;
}

function fits({ words: a }: Unit, { words: b }: Unit): boolean {
  if (a.length === 0 || b.length === 0) return true;
  if ([a, b].some((words) => words.some((word) => COUNTED.has(word)))) return true;
  return a.every((word) => b.includes(word)) || b.every((word) => a.includes(word));
}

/** Whether both are units of measurement of the same dimension, so that values in them can be added: hours and minutes. */
export function areAddable(a: string, b: string): boolean {
  return a !== b && unitOf(a).measured && unitOf(b).measured && unitFactor(a, b) !== undefined;
}
