/** Texts that end a completion. One that holds a special token is looked for where such tokens are written out. */
import type { Tokenizer } from '@hone/tokenizer';

/** Tokens before a stop text that may change how its own are decoded. */
const CONTEXT_TOKENS = 4;

/** Stop texts by where they are looked for. */
interface Stops {
  readonly plain: readonly string[];
  readonly special: readonly string[];
}

function sorted(tokenizer: Tokenizer, stops: readonly string[]): Stops {
  const isSpecial = (stop: string): boolean => tokenizer.hasSpecialToken(stop);
  return { plain: stops.filter((stop) => !isSpecial(stop)), special: stops.filter(isSpecial) };
}

/** Where a text first holds one of these, or -1. */
function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
  return found.length > 0 ? Math.min(...found) : -1;
}

/**
 * Whether a completion's last tokens hold a stop text. Only those that it could span are decoded: a token stands for a byte at
 * least. Undefined where there is no stop text.
 */
export function stopTest(
  tokenizer: Tokenizer,
  stops: readonly string[],
): ((tokenIds: readonly number[]) => boolean) | undefined {
  if (stops.length === 0) return undefined;
  const span = Math.max(...stops.map((stop) => Buffer.byteLength(stop))) + CONTEXT_TOKENS;
  const { plain, special } = sorted(tokenizer, stops);
  return (tokenIds) => {
    const last = tokenIds.slice(-span);
    const holds = (texts: readonly string[], skipSpecialTokens: boolean): boolean =>
      texts.length > 0 && firstStop(tokenizer.decode(last, { skipSpecialTokens }), texts) >= 0;
    return holds(plain, true) || holds(special, false);
  };
}

/** A completion's text without special tokens, up to the first stop. */
export function textUntilStop(tokenizer: Tokenizer, tokenIds: Int32Array, stops: readonly string[]): string {
  const { plain, special } = sorted(tokenizer, stops);
  const until = special.length === 0 ? tokenizer.decode(tokenIds, SKIP) : untilSpecial(tokenizer, tokenIds, special);
  return cutAtStop(until, plain);
}

const SKIP = { skipSpecialTokens: true };
const KEEP = { skipSpecialTokens: false };

/** Whole tokens before the stop as their text without special tokens, and the part of a token that stands before it. */
function untilSpecial(tokenizer: Tokenizer, tokenIds: Int32Array, stops: readonly string[]): string {
  const text = tokenizer.decode(tokenIds, KEEP);
  const end = firstStop(text, stops);
  if (end < 0) return tokenizer.decode(tokenIds, SKIP);
  let count = tokenIds.length;
  let whole = text;
  while (count > 0 && whole.length > end) whole = tokenizer.decode(tokenIds.subarray(0, --count), KEEP);
  return tokenizer.decode(tokenIds.subarray(0, count), SKIP) + text.slice(whole.length, end);
}

/** The text before the first stop in it. */
export function cutAtStop(text: string, stops: readonly string[]): string {
  const index = firstStop(text, stops);
  return index < 0 ? text : text.slice(0, index);
}
