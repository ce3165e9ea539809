/** Methods of Python's str that templates use. A method that is not here is undefined, and calling it an error. */
import { Arguments } from './arguments.ts';
import { iterate, TemplateError, Tuple, type Callable, type Value } from './values.ts';

/** White space of Python's str.strip(): without JavaScript's U+FEFF, with the separators and U+0085. */
const BLANKS = '\\t-\\r\\x1c-\\x20\\x85\\p{Z}';
const BLANK = new RegExp(`^[${BLANKS}]$`, 'u');
const WORD = new RegExp(`[^${BLANKS}]+`, 'gu');

export function strip(text: string, characters: string | null, sides: 'both' | 'left' | 'right'): string {
  const set = new Set(characters);
  const goes = (character: string): boolean => (characters === null ? BLANK.test(character) : set.has(character));
  const all = [...text];
  let [start, end] = [0, all.length];
  while (sides !== 'right' && start < end && goes(all[start]!)) start += 1;
  while (sides !== 'left' && end > start && goes(all[end - 1]!)) end -= 1;
  return all.slice(start, end).join('');
}

export const capitalize = (text: string): string => {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
};
export const title = (text: string): string => text.replace(/\p{L}+/gu, capitalize);

function split(text: string, separator: string | null, limit: number): string[] {
  if (separator === '') throw new TemplateError('empty separator');
  if (separator !== null) {
    const parts = text.split(separator);
    return limit < 0 || parts.length <= limit ? parts : [...parts.slice(0, limit), parts.slice(limit).join(separator)];
  }
  const words = [...text.matchAll(WORD)];
  if (limit < 0 || words.length <= limit) return words.map(([word]) => word);
  const rest = text.slice(words[limit]!.index);
  return [...words.slice(0, limit).map(([word]) => word), rest];
}

const reversed = (text: string): string => [...text].reverse().join('');

function splitRight(text: string, separator: string | null, limit: number): string[] {
  const from = split(reversed(text), separator === null ? null : reversed(separator), limit);
  return from.map(reversed).reverse();
}

function replaced(text: string, old: string, next: string, count: number): string {
  if (count < 0)
    return old === '' ? [...text, ''].map((character) => next + character).join('') : text.replaceAll(old, next);
  if (old === '') return [...text].map((character, index) => (index < count ? next : '') + character).join('');
  return split(text, old, count).join(next);
}

/** startswith and endswith take one text or a tuple of them. */
function anyOf(value: Value, test: (text: string) => boolean): boolean {
  const texts = Array.isArray(value) ? value : [value];
  return texts.some((text) => {
    if (typeof text === 'string') return test(text);
    throw new TemplateError('startswith and endswith take text or a tuple of texts');
  });
}

/** Places count characters, not UTF-16 units. */
const place = (text: string, index: number): number => (index < 0 ? -1 : [...text.slice(0, index)].length);

function partition(text: string, index: number, separator: string, whole: [string, string, string]): Value {
  if (index < 0) return Tuple.from(whole);
  return Tuple.of(text.slice(0, index), separator, text.slice(index + separator.length));
}

const every = (text: string, pattern: RegExp): boolean => text !== '' && pattern.test(text);

type Method = (text: string, args: Arguments) => Value;
const METHODS: Readonly<Record<string, Method>> = {
  strip: (text, args) => strip(text, args.text(0, 'chars', null), 'both'),
  lstrip: (text, args) => strip(text, args.text(0, 'chars', null), 'left'),
  rstrip: (text, args) => strip(text, args.text(0, 'chars', null), 'right'),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase(),
  capitalize,
  title,
  split: (text, args) => split(text, args.text(0, 'sep', null), args.integer(1, 'maxsplit', -1)),
  rsplit: (text, args) => splitRight(text, args.text(0, 'sep', null), args.integer(1, 'maxsplit', -1)),
  splitlines: (text) => (text === '' ? [] : text.replace(/(?:\r\n|[\n\r])$/, '').split(/\r\n|[\n\r]/)),
  replace: (text, args) =>
    replaced(text, args.requiredText(0, 'old'), args.requiredText(1, 'new'), args.integer(2, 'count', -1)),
  startswith: (text, args) => anyOf(args.required(0, 'prefix'), (prefix) => text.startsWith(prefix)),
  endswith: (text, args) => anyOf(args.required(0, 'suffix'), (suffix) => text.endsWith(suffix)),
  removeprefix: (text, args) => {
    const prefix = args.requiredText(0, 'prefix');
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, args) => {
    const suffix = args.requiredText(0, 'suffix');
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  find: (text, args) => place(text, text.indexOf(args.requiredText(0, 'sub'))),
  rfind: (text, args) => place(text, text.lastIndexOf(args.requiredText(0, 'sub'))),
  count: (text, args) => text.split(args.requiredText(0, 'sub')).length - 1,
  join: (text, args) => joinTexts(iterate(args.required(0, 'iterable')), text),
  partition: (text, args) => {
    const separator = args.requiredText(0, 'sep');
    return partition(text, text.indexOf(separator), separator, [text, '', '']);
  },
  rpartition: (text, args) => {
    const separator = args.requiredText(0, 'sep');
    return partition(text, text.lastIndexOf(separator), separator, ['', '', text]);
  },
  isdigit: (text) => every(text, /^[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]+$/u),
  isalpha: (text) => every(text, /^\p{L}+$/u),
  isalnum: (text) => every(text, /^[\p{L}\p{N}]+$/u),
  isspace: (text) => text !== '' && strip(text, null, 'both') === '',
  isupper: (text) => text === text.toUpperCase() && text !== text.toLowerCase(),
  islower: (text) => text === text.toLowerCase() && text !== text.toUpperCase(),
};

function joinTexts(items: readonly Value[], separator: string): string {
  if (items.every((item) => typeof item === 'string')) return items.join(separator);
  throw new TemplateError('join takes a list of texts');
}

/** A method of a text, or undefined. */
export function textMethod(text: string, name: string): Callable | undefined {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  return method && ((args, kwargs) => method(text, new Arguments(args, kwargs)));
}
