/** Choices of completions that state none behind a marker. */
import { lastSentence } from '../gsm8k/lines.ts';
import type { FoundAnswer } from '../method.ts';
import { clean } from './clean.ts';
import type { Option, Options } from './options.ts';
import { readStatement, YES_OR_NO } from './statement.ts';

/** A sentence that says what is not the answer implies nothing. */
const DENIAL =
  /\b(?:no|not|neither|nor|never|none|nothing|except|wrong|incorrect|false|cannot|unsure|whether|unlike|instead|rather than|other than|than|without|if|but|however)\b|n't\b|\?/i;
const MARKED = /[([]([A-Z]|\d)[)\]]/g;

/** The one option that the last sentence names by its words or in brackets. */
export function namedAtEnd(text: string, options: Options): FoundAnswer | undefined {
  const sentence = lastSentence(text);
  const words = clean(sentence).text;
  if (DENIAL.test(words)) return undefined;
  const marked = [...words.matchAll(MARKED)].flatMap((match) => options.labelOf(match[1]!) ?? []);
  const [answer, second] = new Set([...namedIn(words, options), ...marked]);
  if (answer === undefined || second !== undefined) return undefined;
  const start = text.length - sentence.trimStart().length;
  return { answer, span: { start, end: start + sentence.trim().length }, rule: 'choice.last_sentence' };
}

/** The labels of options whose words stand in a text; words that are a part of a longer option's are not theirs. */
function namedIn(text: string, options: Options): string[] {
  let rest = ` ${text.toLowerCase()} `;
  const named: string[] = [];
  const byLength = [...options.all].sort((one, other) => other.bare.length - one.bare.length);
  for (const { label, bare } of byLength) {
    if (!/[a-z]{3}/.test(bare)) continue;
    const at = wordsAt(rest, bare);
    if (at < 0) continue;
    named.push(label);
    // Same words of two options: both are named.
    const isShared = byLength.some((other) => other.label !== label && other.bare === bare);
    if (!isShared) rest = rest.replaceAll(bare, ' | ');
  }
  return named;
}

function wordsAt(text: string, words: string): number {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1))
    if (!/[\w-]/.test(text[at - 1] ?? '') && !/[\w]/.test(text[at + words.length] ?? '')) return at;
  return -1;
}

/** A label or an option alone on the last line: "A", "**(b)**", "C. glass rod", "glass rod". */
export function lastLine(text: string, options: Options): FoundAnswer | 'several' | undefined {
  const trimmed = text.trimEnd();
  const line = trimmed.slice(-400).split('\n').at(-1)!;
  if (line.endsWith('?')) return undefined;
  const stated = readStatement(line, options);
  if (stated?.kind === 'several' && line.length < 60) return 'several';
  if (stated?.kind !== 'one' || !stated.isAll) return undefined;
  const offset = trimmed.length - line.length;
  return {
    answer: stated.label,
    span: { start: offset + stated.start, end: offset + stated.end },
    rule: 'choice.last_line',
  };
}

/** A last sentence that is nothing but a label: "B? No. C? No. A." */
export function labelAtEnd(text: string, options: Options): FoundAnswer | undefined {
  const sentence = lastSentence(text);
  const stated = readStatement(sentence, options);
  if (stated?.kind !== 'one' || !stated.isAll || sentence.includes('?')) return undefined;
  const offset = text.length - sentence.length;
  return {
    answer: stated.label,
    span: { start: offset + stated.start, end: offset + stated.end },
    rule: 'choice.last_sentence',
  };
}

/** A completion that begins with a choice, and names no other one: "(B) blue whale is right", "B. It is the largest." */
export function firstChoice(text: string, options: Options): FoundAnswer | undefined {
  const start = text.length - text.trimStart().length;
  const line = text.trim().slice(0, 400).split('\n', 1)[0]!;
  const stated = readStatement(line, options);
  if (stated?.kind !== 'one') return undefined;
  const { label } = stated;
  if (
    !stated.isAll &&
    !/^[\s*_>]*(?:[([]\s?[A-Za-z\d]\s?[)\]]|[A-Za-z\d][*_]*[).:,]|option\s|choice\s|(?:yes|no|true|false)[*_]*[,.])/i.test(
      line,
    )
  )
    return undefined;
  // Reasons behind a first line of its own may name the others.
  const behind = text.slice(start + stated.end);
  if (!stated.isAll && (namesAnother(behind, label, options) || saysOpposite(behind, label, options))) return undefined;
  return { answer: label, span: { start: start + stated.start, end: start + stated.end }, rule: 'choice.first' };
}

/** Whether a text marks another label, or begins with another option. */
function namesAnother(text: string, label: string, options: Options): boolean {
  const words = clean(text.slice(0, 2000)).text;
  const marked = [...words.matchAll(/(?<![\w'])[([]?([A-Z]|\d)[).:\]]/g)].map((match) => options.labelOf(match[1]!));
  if (marked.some((other) => other !== undefined && other !== label)) return true;
  return options.startOf(words.trimStart())?.options.some((option) => option.label !== label) ?? false;
}

/** "No. Yes.", "No, wait, yes" */
function saysOpposite(text: string, label: string, options: Options): boolean {
  if (!YES_OR_NO.test(options.optionOf(label).words)) return false;
  const words = clean(text.slice(0, 2000)).text.toLowerCase();
  return options.all.some(
    (option) => option.label !== label && YES_OR_NO.test(option.words) && wordsAt(words, option.lower) >= 0,
  );
}

/** Lists further up cannot be taken for an answer. */
const MOST_LINES = 64;

/** Blanks out options that are listed again, a line each: the last one of a list is not the answer. */
export function withoutList(text: string, options: Options): string {
  if (!text.includes('\n')) return text;
  const lines = text.split('\n');
  const listed = lines.map((line, index) =>
    lines.length - index > MOST_LINES ? undefined : listedOption(line, options),
  );
  let result = lines;
  for (let from = 0; from < lines.length; from += 1) {
    let to = from;
    const labels = new Set<string>();
    while (to < lines.length && listed[to] !== undefined && !labels.has(listed[to]!.label))
      labels.add(listed[to++]!.label);
    if (labels.size < 2) continue;
    if (result === lines) result = [...lines];
    for (let index = from; index < to; index += 1) result[index] = ' '.repeat(lines[index]!.length);
    from = to - 1;
  }
  return result === lines ? text : result.join('\n');
}

/** The option that a line lists: its label and its words, and nothing else. */
function listedOption(line: string, options: Options): Option | undefined {
  if (line.length > 400 || !/^[\s>*_#-]{0,8}[([]?[A-Za-z\d](?:[)\].:]|[\s*_]*$)/.test(line)) return undefined;
  const stated = readStatement(line, options);
  if (stated?.kind !== 'one' || !stated.isAll) return undefined;
  const option = options.optionOf(stated.label);
  return option.words === '' || clean(line).text.toLowerCase().includes(option.lower) ? option : undefined;
}
