import type { ConfigFields } from './config-fields.ts';
import type { ArchitectureConfig } from './model-config.ts';
import { parseRope } from './rope.ts';

/** The families that differ from Llama in biases, norms of heads, or a sliding window only. */
type LlamaLike = Exclude<ArchitectureConfig['architecture'], 'gpt2'>;

/** Llama, Mistral, Qwen2 and Qwen3. What is not ours would silently change every logit, so it is refused by name. */
export function parseLlamaLike(fields: ConfigFields): ArchitectureConfig {
  const architecture = fields.string('model_type') as LlamaLike;
  fields.require('hidden_act', 'silu', 'silu');
  const hiddenSize = fields.positiveInteger('hidden_size');
  const numAttentionHeads = fields.positiveInteger('num_attention_heads');
  const maxPositionEmbeddings = fields.positiveInteger('max_position_embeddings', 2048);
  return {
    architecture,
    hiddenSize,
    intermediateSize: fields.positiveInteger('intermediate_size'),
    numLayers: fields.positiveInteger('num_hidden_layers'),
    numAttentionHeads,
    numKeyValueHeads: fields.positiveInteger('num_key_value_heads', numAttentionHeads),
    headDim: fields.positiveInteger('head_dim', hiddenSize / numAttentionHeads),
    maxPositionEmbeddings,
    normEps: fields.positiveNumber('rms_norm_eps', 1e-6),
    ...parseRope(fields, maxPositionEmbeddings),
    biases: biasesOf(fields, architecture),
    queryKeyNorm: architecture === 'qwen3',
    slidingWindow: slidingWindowOf(fields, architecture, maxPositionEmbeddings),
    tieWordEmbeddings: fields.boolean('tie_word_embeddings', false),
  };
}

function biasesOf(fields: ConfigFields, architecture: LlamaLike): ArchitectureConfig['biases'] {
  // Qwen2 has them on queries, keys and values, and no setting for it.
  if (architecture === 'qwen2') return { queryKeyValue: true, attentionOutput: false, feedForward: false };
  const attention = fields.boolean('attention_bias', false);
  return { queryKeyValue: attention, attentionOutput: attention, feedForward: fields.boolean('mlp_bias', false) };
}

/** A window that no position reaches beyond is none. */
function slidingWindowOf(fields: ConfigFields, architecture: LlamaLike, context: number): number | null {
  const setting =
    architecture === 'mistral' ? fields.has('sliding_window') : fields.boolean('use_sliding_window', false);
  if (architecture === 'llama' || !setting || !fields.has('sliding_window')) return null;
  const window = fields.positiveInteger('sliding_window');
  if (window >= context) return null;
  // Qwen's lower layers see everything: layers from max_window_layers on have the window.
  const from = architecture === 'mistral' ? 0 : fields.positiveInteger('max_window_layers', 28);
  if (from >= fields.positiveInteger('num_hidden_layers')) return null;
  if (from > 0) throw fields.unsupported('max_window_layers', 'a window on all layers or on none is');
  return window;
}
