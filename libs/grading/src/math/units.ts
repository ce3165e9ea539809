/** Units of measurement: which name the same one, and how those of one dimension convert. */

type Unit = readonly [dimension: string, factor: number, ...names: string[]];

const UNITS: readonly Unit[] = [
  ['length', 1e-3, 'mm', 'millimeter', 'millimetre'],
  ['length', 1e-2, 'cm', 'centimeter', 'centimetre'],
  ['length', 1, 'm', 'meter', 'metre'],
  ['length', 1e3, 'km', 'kilometer', 'kilometre'],
  ['length', 0.0254, 'in', 'inch'],
  ['length', 0.3048, 'ft', 'foot'],
  ['length', 0.9144, 'yd', 'yard'],
  ['length', 1609.344, 'mi', 'mile'],
  ['time', 1, 's', 'sec', 'second'],
  ['time', 60, 'min', 'minute'],
  ['time', 3600, 'h', 'hr', 'hour'],
  ['time', 86_400, 'day'],
  ['time', 604_800, 'week'],
  ['month', 1, 'month'],
  ['month', 12, 'yr', 'year'],
  ['mass', 1e-3, 'mg', 'milligram'],
  ['mass', 1, 'g', 'gm', 'gram'],
  ['mass', 1e3, 'kg', 'kilogram'],
  ['mass', 453.59237, 'lb', 'pound'],
  ['mass', 28.349523125, 'oz', 'ounce'],
  ['volume', 1e-3, 'ml', 'milliliter', 'millilitre'],
  ['volume', 1, 'l', 'liter', 'litre'],
  ['gallon', 1, 'gal', 'gallon'],
  ['gallon', 0.25, 'quart', 'qt'],
  ['gallon', 0.125, 'pint'],
  ['gallon', 0.0625, 'cup'],
  ['money', 1, 'dollar', 'usd', '$'],
  ['money', 0.01, 'cent', '¢'],
  ['euro', 1, 'euro', '€', 'eur'],
  ['sterling', 1, '£', 'gbp'],
  ['angle', 1, 'degree', 'deg', '°'],
  ['radians', 1, 'radian', 'rad'],
  ['speed', 1609.344, 'mph', 'mile per hour', 'mile/hour', 'mi/h'],
  ['speed', 1000, 'kph', 'km/h', 'kmh', 'km per hour', 'kilometer per hour'],
  ['speed', 3600, 'm/s', 'meter per second', 'm per second'],
  ['speed', 1097.28, 'ft/s', 'foot per second'],
  ['acre', 1, 'acre'],
  ['temperature', 1, 'degree c', 'degree celsius', '°c', 'celsius'],
  ['fahrenheit', 1, 'degree f', 'degree fahrenheit', '°f', 'fahrenheit'],
  ['percent', 1, '%', 'percent', 'pct', 'per cent'],
];

interface Known {
  readonly name: string;
  readonly dimension: string;
  readonly factor: number;
}

const BY_NAME = new Map<string, Known>(
  UNITS.flatMap(([dimension, factor, ...names]) =>
    names.map((name): [string, Known] => [name, { name: names[0]!, dimension, factor }]),
  ),
);

const IRREGULAR: Readonly<Record<string, string>> = {
  feet: 'foot',
  inches: 'inch',
  people: 'person',
  children: 'child',
};

const singular = (word: string): string => IRREGULAR[word] ?? (/[a-z][a-rt-z]s$/.test(word) ? word.slice(0, -1) : word);

/** One spelling for each unit: "sq. ft", "square feet" and "ft^2" are `ft^2`; words that name no known unit stay words. */
export function unitName(text: string): string {
  let power = 1;
  const words = text
    .toLowerCase()
    .replace(/[{}\\]/g, ' ')
    .replace(/\.(?!\d)/g, ' ')
    .replace(/\b(?:squared?|sq)\b/g, () => ((power = 2), ' '))
    .replace(/\b(?:cubed?|cubic|cu)\b/g, () => ((power = 3), ' '))
    .replace(/\^\s*([23])/g, (_whole, digit: string) => ((power = Number(digit)), ' '))
    .trim()
    .split(/\s+/)
    .map(singular)
    .join(' ');
  const name = BY_NAME.get(words)?.name ?? words;
  return power === 1 ? name : `${name}^${power}`;
}

/** Whether a word names a unit, so that it may stand behind a number without `\text`. */
export function isUnit(word: string): boolean {
  return BY_NAME.has(singular(word.toLowerCase()));
}

/**
 * What a value in the first unit is multiplied by to be in the second. Undefined where they cannot be compared; a word that is
 * no known unit ("ways", "students", "units") says what is counted and fits to everything.
 */
export function unitFactor(from: string, to: string): number | undefined {
  if (from === to) return 1;
  const [a, aPower] = parts(from);
  const [b, bPower] = parts(to);
  if (!a || !b) return 1;
  if (a.dimension !== b.dimension || aPower !== bPower) return undefined;
  return (a.factor / b.factor) ** aPower;
}

function parts(unit: string): readonly [Known | undefined, number] {
  const [name = '', power = '1'] = unit.split('^');
  return [BY_NAME.get(name), Number(power)];
}
