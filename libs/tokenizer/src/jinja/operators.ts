/** Operators with Python's rules. */
import {
  compare,
  contains,
  equal,
  Float,
  isNumeric,
  numberOf,
  TemplateError,
  textOf,
  Tuple,
  typeName,
  Undefined,
  undefinedError,
  type Value,
} from './values.ts';

type Arithmetic = (a: number, b: number) => number;
const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '//': (a, b) => Math.floor(a / b),
  '%': (a, b) => a - b * Math.floor(a / b),
  '**': (a, b) => a ** b,
};

/** An operator but `and` and `or`, which do not always evaluate both sides. */
export function binary(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return compare(left, right) < 0;
    case '<=':
      return compare(left, right) <= 0;
    case '>':
      return compare(left, right) > 0;
    case '>=':
      return compare(left, right) >= 0;
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    case '~':
      return bounded(textOf(left) + textOf(right));
    default:
      return arithmetic(operator, left, right);
  }
}

function arithmetic(operator: string, left: Value, right: Value): Value {
  if (left instanceof Undefined) throw undefinedError(left);
  if (right instanceof Undefined) throw undefinedError(right);
  if (isNumeric(left) && isNumeric(right)) return calculate(operator, left, right);
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return bounded(left + right);
    if (left instanceof Tuple && right instanceof Tuple) return Tuple.from([...left, ...right]);
    if (Array.isArray(left) && Array.isArray(right) && !(left instanceof Tuple) && !(right instanceof Tuple)) {
      return [...left, ...right];
    }
  }
  if (operator === '*' && typeof left === 'string' && typeof right === 'number') return repeated(left, right);
  if (operator === '*' && typeof left === 'number' && typeof right === 'string') return repeated(right, left);
  const types = `'${typeName(left)}' and '${typeName(right)}'`;
  throw new TemplateError(`unsupported operand type(s) for ${operator}: ${types}`);
}

/** Characters of a text that a template may make: so none can fill the memory by doubling. */
const MAX_TEXT = 2 ** 24;

function bounded(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  throw new TemplateError(`a text of more than ${MAX_TEXT} characters`);
}

function repeated(text: string, times: number): string {
  if (text.length * times > MAX_TEXT) throw new TemplateError(`a text of more than ${MAX_TEXT} characters`);
  return text.repeat(Math.max(0, times));
}

function calculate(operator: string, left: number | boolean | Float, right: number | boolean | Float): Value {
  const rule = ARITHMETIC[operator];
  if (!rule) throw new TemplateError(`unknown operator ${operator}`);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (b === 0 && ['/', '//', '%'].includes(operator)) throw new TemplateError('division by zero');
  const isFloat = left instanceof Float || right instanceof Float || operator === '/' || (operator === '**' && b < 0);
  return isFloat ? new Float(rule(a, b)) : rule(a, b);
}
