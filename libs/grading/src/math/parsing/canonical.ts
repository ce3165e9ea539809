/** Maths that is not understood, in one spelling: it is compared sign by sign. */
import { Unreadable } from '../limits.ts';
import { tokenise, type Token } from './tokenise.ts';

/** The signs of a cleaned answer without spaces and without braces around a single sign; undefined where it is no maths. */
export function canonicalSigns(cleaned: string): string | undefined {
  let tokens: readonly Token[];
  try {
    tokens = tokenise(cleaned, true);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
  const written = tokens.map((token, at) => (isNeedlessBrace(tokens, at) ? '' : spelling(token)));
  return written.join('');
}

const isNeedlessBrace = (tokens: readonly Token[], at: number): boolean =>
  (isMark(tokens[at], '{') && isMark(tokens[at + 2], '}')) || (isMark(tokens[at], '}') && isMark(tokens[at - 2], '{'));

const isMark = (token: Token | undefined, text: string): boolean => token?.type === 'mark' && token.text === text;

const spelling = ({ type, text }: Token): string =>
  type === 'command'
    ? `\\${text} `
    : type === 'text'
      ? `{${text.toLowerCase()}}`
      : type === 'number'
        ? `${text} `
        : text;
