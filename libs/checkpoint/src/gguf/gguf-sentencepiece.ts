/** The tokenizers of Llama 2 and Mistral: pieces with scores, bytes for what has no piece, blanks written as ▁. */
import { dataLoss } from '@hone/errors';
import type { GgufMetadata } from './gguf-file.ts';

/** llama.cpp's token types of pieces that text is made of (llama_token_type): normal, and user-defined. */
const PIECES = [1, 4];
const BLANK = '▁';

/**
 * The parts of tokenizer.json that differ from byte-level BPE. SentencePiece joins the neighbours whose joined piece has the best
 * score; as merges, these are all ways to cut a piece into two, in the order of the pieces' scores.
 */
export function sentencePieceParts(metadata: GgufMetadata, tokens: readonly string[], file: string): object {
  const scores = metadata.numbers('tokenizer.ggml.scores');
  const types = metadata.numbers('tokenizer.ggml.token_type');
  if (scores.length !== tokens.length) throw dataLoss(file, 'tokenizer.ggml.scores is not as long as the token list');
  const prefix = metadata.has('tokenizer.ggml.add_space_prefix')
    ? metadata.flag('tokenizer.ggml.add_space_prefix')
    : true;
  const unknown = metadata.optionalNumber('tokenizer.ggml.unknown_token_id') ?? 0;
  return {
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...(prefix ? [{ type: 'Prepend', prepend: BLANK }] : []),
        { type: 'Replace', pattern: { String: ' ' }, content: BLANK },
      ],
    },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: BLANK }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: tokens[unknown] ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesOf(tokens, scores, types),
    },
  };
}

function mergesOf(
  tokens: readonly string[],
  scores: readonly number[],
  types: readonly number[],
): (readonly [string, string])[] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const pieces = tokens.flatMap((_, id) => (PIECES.includes(types[id]!) ? [id] : []));
  pieces.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return pieces.flatMap((id) => cutsOf(tokens[id]!, ids));
}

/** All ways to cut a piece into two pieces, the parts that come first in the vocabulary first. */
function cutsOf(piece: string, ids: ReadonlyMap<string, number>): (readonly [string, string])[] {
  const letters = [...piece];
  const cuts = letters
    .slice(1)
    .map((_, at) => [letters.slice(0, at + 1).join(''), letters.slice(at + 1).join('')] as const)
    .filter(([left, right]) => ids.has(left) && ids.has(right));
  return cuts.sort(([a, b], [c, d]) => ids.get(a)! - ids.get(c)! || ids.get(b)! - ids.get(d)!);
}
