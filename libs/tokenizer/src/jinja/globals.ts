/** What every template can call. */
import { Arguments } from './arguments.ts';
import { Scope } from './scope.ts';
import { iterate, Namespace, TemplateError, textOf, truth, type Callable, type Value } from './values.ts';

/** The longest range of Jinja's sandbox. */
const MAX_RANGE = 100_000;

const range: Callable = (positional, named) => {
  const args = new Arguments(positional, named);
  const [start, stop] =
    positional.length < 2 ? [0, args.integer(0, 'stop', 0)] : [args.integer(0, 'start', 0), args.integer(1, 'stop', 0)];
  const step = args.integer(2, 'step', 1);
  if (step === 0) throw new TemplateError('range() arg 3 must not be zero');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > MAX_RANGE) throw new TemplateError(`Range too big. The sandbox blocks ranges larger than ${MAX_RANGE}.`);
  return Array.from({ length }, (_, index) => start + index * step);
};

function entriesOf(positional: readonly Value[], named: ReadonlyMap<string, Value>): Map<Value, Value> {
  const [source = []] = positional;
  const given = source instanceof Map ? [...source] : iterate(source).map((pair) => iterate(pair) as [Value, Value]);
  return new Map<Value, Value>([...given, ...named]);
}

const namespace: Callable = (positional, named) =>
  new Namespace(new Map([...entriesOf(positional, named)].map(([key, value]) => [textOf(key), value])));

const raise: Callable = ([message = '']) => {
  throw new TemplateError(textOf(message));
};

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'];
MONTHS.push('November', 'December');
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const padded = (value: number, width = 2): string => String(value).padStart(width, '0');

/** Codes of strftime that a date without a time answers; its time is midnight. */
function dateText(date: Date, format: string): string {
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const dayOfYear = (Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000 + 1;
  const codes: Readonly<Record<string, string>> = {
    ...{ Y: padded(year, 4), y: padded(year % 100), m: padded(month + 1), d: padded(day), e: String(day).padStart(2) },
    ...{ B: MONTHS[month]!, b: MONTHS[month]!.slice(0, 3), h: MONTHS[month]!.slice(0, 3), j: padded(dayOfYear, 3) },
    ...{ A: DAYS[date.getUTCDay()]!, a: DAYS[date.getUTCDay()]!.slice(0, 3), w: String(date.getUTCDay()) },
    ...{ u: String(date.getUTCDay() || 7), H: '00', M: '00', S: '00', f: '000000', I: '12', p: 'AM', z: '', Z: '' },
    ...{ F: `${padded(year, 4)}-${padded(month + 1)}-${padded(day)}`, T: '00:00:00', R: '00:00', '%': '%', n: '\n' },
    ...{ t: '\t', D: `${padded(month + 1)}/${padded(day)}/${padded(year % 100)}`, X: '00:00:00' },
    ...{ x: `${padded(month + 1)}/${padded(day)}/${padded(year % 100)}` },
    c: `${DAYS[date.getUTCDay()]!.slice(0, 3)} ${MONTHS[month]!.slice(0, 3)} ${String(day).padStart(2)} 00:00:00 ${year}`,
  };
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole, bare: string, code: string) => {
    const text = codes[code];
    if (text === undefined) return whole;
    return bare ? text.replace(/^[0 ]+(?=\d)/, '') : text;
  });
}

/** Names that a template finds; `onDate` is told when it asks for today's date, which is `date` (YYYY-MM-DD). */
export function globalScope(date: string, onDate: () => void): Scope {
  const strftime: Callable = ([format = '']) => {
    onDate();
    return dateText(new Date(`${date}T00:00:00Z`), textOf(format));
  };
  const constants: [string, Value][] = ['', 'T'].flatMap((capital): [string, Value][] => [
    [capital ? 'True' : 'true', true],
    [capital ? 'False' : 'false', false],
    [capital ? 'None' : 'none', null],
  ]);
  return new Scope(null, [
    ...constants,
    ['range', range],
    ['namespace', namespace],
    ['dict', (positional, named) => entriesOf(positional, named)],
    ['raise_exception', raise],
    ['strftime_now', strftime],
    ['cycler', cycler],
    ['joiner', joiner],
  ]);
}

const cycler: Callable = (items) => {
  let at = 0;
  const next: Callable = () => {
    at += 1;
    return items[(at - 1) % items.length] ?? null;
  };
  return new Map<Value, Value>([['next', next]]);
};

const joiner: Callable = ([separator = ', ']) => {
  let isFirst = true;
  return () => {
    const text = isFirst || !truth(separator) ? '' : separator;
    isFirst = false;
    return text;
  };
};
