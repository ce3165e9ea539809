/** Texts that end a completion. */
import type { Tokenizer } from '@hone/tokenizer';

/** Tokens before a stop text that may change how its own are decoded. */
const CONTEXT_TOKENS = 4;

/** Where a text first holds one of these. */
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
  return (tokenIds) => firstStop(tokenizer.decode(tokenIds.slice(-span), { skipSpecialTokens: true }), stops) >= 0;
}

/** The text before the first stop in it. */
export function cutAtStop(text: string, stops: readonly string[]): string {
  const index = firstStop(text, stops);
  return index < 0 ? text : text.slice(0, index);
}
