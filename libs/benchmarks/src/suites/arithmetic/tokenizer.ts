import { invalidArgument } from '@hone/errors';
import { VOCABULARY } from './words.ts';

const special = (content: string) => ({
  id: VOCABULARY.indexOf(content),
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/**
 * Cuts text into tokens: operators with the blanks around them, words with the blank before them, single digits. Joined
 * again they are the text.
 */
const PIECES = '#### | [-+*/=] | ?[A-Za-z]+|[0-9]|[.?]|\\n| ';

/** The tokenizer as Hugging Face files: a word-level vocabulary with single digits. */
export function arithmeticTokenizerFiles(): Record<string, string> {
  const bos = VOCABULARY.indexOf('<bos>');
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: ['<pad>', '<bos>', '<eos>', '<unk>'].map(special),
    normalizer: null,
    pre_tokenizer: { type: 'Split', pattern: { Regex: PIECES }, behavior: 'Isolated', invert: false },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        { SpecialToken: { id: '<bos>', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: { '<bos>': { id: '<bos>', ids: [bos], tokens: ['<bos>'] } },
    },
    decoder: { type: 'Fuse' },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
      unk_token: '<unk>',
    },
  };
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: '<bos>',
    eos_token: '<eos>',
    pad_token: '<pad>',
    unk_token: '<unk>',
    clean_up_tokenization_spaces: false,
    model_max_length: 128,
  };
  return { 'tokenizer.json': JSON.stringify(tokenizer), 'tokenizer_config.json': JSON.stringify(config) };
}

/** Shape of the embedded task's model. */
export interface ArithmeticModelShape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
}

/** config.json of a Llama for the task's vocabulary. */
export function arithmeticModelConfig({
  hiddenSize,
  layers,
  heads,
  feedForward,
}: ArithmeticModelShape): Record<string, unknown> {
  // Rotary position embedding turns pairs of a head's elements.
  if (!Number.isInteger(hiddenSize / heads / 2))
    throw invalidArgument('hiddenSize', `must be a multiple of twice the heads (${heads}), but is ${hiddenSize}`);
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: hiddenSize,
    intermediate_size: feedForward,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    head_dim: hiddenSize / heads,
    vocab_size: VOCABULARY.length,
    max_position_embeddings: 128,
    tie_word_embeddings: false,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    rope_scaling: null,
    bos_token_id: VOCABULARY.indexOf('<bos>'),
    eos_token_id: VOCABULARY.indexOf('<eos>'),
    pad_token_id: VOCABULARY.indexOf('<pad>'),
    torch_dtype: 'float32',
  };
}
