/** The smallest parts of an expression: numbers, names, commands, brackets. */
import { call, infinity, number, quantity, repeatingNumber, sum, symbol, text, writtenNumber } from '../tree/build.ts';
import type { Cursor } from './cursor.ts';
import { Unreadable } from '../limits.ts';
import type { Node } from '../tree/node.ts';
import type { Token } from './tokenise.ts';
import { groupText, withoutBars } from './lookahead.ts';
import { parseFunction, parseMatrix } from './parse-command.ts';
import { parseCall, startsCall } from './parse-call.ts';
import { ACCENTS, COMMAND_FUNCTIONS, FIGURES, FUNCTIONS, LETTERS } from '../notation/words.ts';

/** Names of currencies by their sign. */
export const CURRENCIES: Readonly<Record<string, string>> = { $: 'dollar', '€': 'euro', '£': '£' };

export function parseAtom(cursor: Cursor): Node {
  return cursor.nested(() => {
    const token = cursor.next();
    if (token.type === 'number') return parseNumber(cursor, token.text);
    if (token.type === 'numeral') return numeral(token.text);
    if (token.type === 'letter') return parseLetter(cursor, token);
    if (token.type === 'command') return parseCommand(cursor, token.text);
    if (token.type === 'text') return text(token.text);
    return parseMark(cursor, token.text);
  });
}

function parseMark(cursor: Cursor, mark: string): Node {
  if (mark === '(' || mark === '[' || mark === ']') return cursor.grammar.bracket(cursor, mark);
  if (mark === '{') return cursor.grammar.group(cursor);
  if (mark === '\\{') return cursor.grammar.set(cursor);
  if (mark === '|') return parseAbsolute(cursor);
  const currency = CURRENCIES[mark];
  if (currency)
    return quantity(
      cursor.take('-') ? { kind: 'negative', value: cursor.grammar.factor(cursor) } : cursor.grammar.factor(cursor),
      currency,
    );
  throw new Unreadable(`"${mark}" begins no value`);
}

function parseNumber(cursor: Cursor, written: string): Node {
  if (cursor.isCommand('overline') && written.includes('.')) return parseRepeating(cursor, written);
  const value = writtenNumber(written);
  const fraction = written.includes('.') ? undefined : properFraction(cursor);
  return fraction ? sum([value, fraction]) : value;
}

function parseRepeating(cursor: Cursor, written: string): Node {
  const start = cursor.mark();
  cursor.next();
  const digits = cursor.take('{') ? cursor.next() : undefined;
  if (digits?.type === 'number' && /^\d+$/.test(digits.text) && cursor.take('}'))
    return repeatingNumber(written, digits.text);
  cursor.reset(start);
  return writtenNumber(written);
}

/** The fraction of a mixed number: `2\frac12`, `2 1/2`. Not `2\frac32`, which is a product. */
function properFraction(cursor: Cursor): Node | undefined {
  const start = cursor.mark();
  const value = cursor.isCommand('frac') ? parseAtom(cursor) : plainFraction(cursor);
  if (value?.kind === 'quotient' && isProper(value)) return value;
  cursor.reset(start);
  return undefined;
}

function plainFraction(cursor: Cursor): Node | undefined {
  const [top, bottom] = [cursor.peek(), cursor.peek(2)];
  if (top?.type !== 'number' || !top.spaced || !cursor.isMark('/', 1) || bottom?.type !== 'number') return undefined;
  for (let passed = 0; passed < 3; passed += 1) cursor.next();
  return { kind: 'quotient', top: writtenNumber(top.text), bottom: writtenNumber(bottom.text) };
}

function isProper({ top, bottom }: Extract<Node, { kind: 'quotient' }>): boolean {
  if (top.kind !== 'number' || bottom.kind !== 'number') return false;
  return top.decimals + bottom.decimals === 0 && top.value.compare(bottom.value) < 0;
}

function numeral(written: string): Node {
  const [digits = '', base = ''] = written.split('_');
  return { kind: 'numeral', digits, base: Number(base) };
}

function parseLetter(cursor: Cursor, { text: letter, bold }: Token): Node {
  const name = letter + parseSubscript(cursor);
  if (letter.length > 1) return { kind: 'symbol', name, pair: true };
  if (startsCall(cursor, letter)) {
    const value = cursor.attempt(() => parseCall(cursor, letter, name));
    if (value) return value;
  }
  if (!bold && (name === 'e' || name === 'i')) return { kind: 'constant', name };
  return bold ? { kind: 'symbol', name, bold } : symbol(name);
}

/** Subscripts and primes are part of a name. */
export function parseSubscript(cursor: Cursor): string {
  let name = '';
  for (;;) {
    if (cursor.take("'")) name += "'";
    else if (cursor.take('_')) name += `_${groupText(cursor)}`;
    else return name;
  }
}

function parseAbsolute(cursor: Cursor): Node {
  cursor.bars += 1;
  const value = cursor.grammar.side(cursor);
  cursor.expect('|');
  cursor.bars -= 1;
  return call('absolute', value);
}

function parseCommand(cursor: Cursor, name: string): Node {
  if (FUNCTIONS.has(name) || COMMAND_FUNCTIONS.has(name)) return parseFunction(cursor, name);
  switch (name) {
    case 'frac':
      return { kind: 'quotient', top: cursor.grammar.argument(cursor), bottom: cursor.grammar.argument(cursor) };
    case 'binom':
      return call('binomial', cursor.grammar.argument(cursor), cursor.grammar.argument(cursor));
    case 'sqrt':
      return parseRoot(cursor);
    case 'pi':
      return { kind: 'constant', name: 'pi' };
    case 'infty':
      return infinity;
    case 'emptyset':
      return { kind: 'set', items: [] };
    case 'begin':
      return parseMatrix(cursor);
    case 'lfloor':
    case 'lceil':
      return parseRounded(cursor, name);
    case 'ldots':
      return call('dots');
    default:
      return parseName(cursor, name);
  }
}

/** Names of more than a letter. A command that is not known may be an operator: what stands around it is no product. */
function parseName(cursor: Cursor, command: string): Node {
  if (FIGURES.has(command)) return symbol(`${command}(${figure(cursor, command)})`);
  const isAccent = ACCENTS.has(command);
  if (!isAccent && !LETTERS.has(command)) throw new Unreadable(`\\${command} is not known`);
  const name = (isAccent ? `${command}(${groupText(cursor)})` : command) + parseSubscript(cursor);
  if (startsCall(cursor, command)) {
    const value = cursor.attempt(() => parseCall(cursor, command, name));
    if (value) return value;
  }
  return command === 'vec' || command === 'hat' ? { kind: 'symbol', name, bold: true } : symbol(name);
}

/** The letters of an angle or a triangle; an angle may be read from either side. */
function figure(cursor: Cursor, command: string): string {
  if (cursor.isMark('{')) return groupText(cursor);
  let letters = '';
  while (cursor.peek()?.type === 'letter' && letters.length < 4) letters += cursor.next().text + parseSubscript(cursor);
  if (letters === '' && cursor.peek()?.type === 'number') letters = cursor.next().text;
  if (letters === '') throw new Unreadable(`\\${command} has no name`);
  const [first = '', middle = '', last = ''] = letters;
  return command === 'angle' && letters.length === 3 && first > last ? last + middle + first : letters;
}

function parseRoot(cursor: Cursor): Node {
  const index = cursor.take('[') ? cursor.grammar.sum(cursor) : number(2);
  if (cursor.isMark(']')) cursor.next();
  return call('root', cursor.grammar.argument(cursor, true), index);
}

function parseRounded(cursor: Cursor, name: 'lfloor' | 'lceil'): Node {
  const value = withoutBars(cursor, () => cursor.grammar.sum(cursor));
  const close = name === 'lfloor' ? 'rfloor' : 'rceil';
  if (!cursor.isCommand(close)) throw new Unreadable(`no \\${close}`);
  cursor.next();
  return call(name === 'lfloor' ? 'floor' : 'ceiling', value);
}
