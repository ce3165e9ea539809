/**
 * Llama and the families that are built as it is: RMSNorm, rotary embedding, grouped-query attention, a gated feed-forward, tied or
 * untied embeddings. How a family differs, its object in `libs/checkpoint/src/families` says; which biases there are, the weights show.
 */
import { familyOf, type LlamaDecoder, type ModelConfig } from '@hone/checkpoint';
import { internal } from '@hone/errors';
import { boundary, rmsNorm, tf } from '@hone/tfjs-onnx';
import { activate } from '../activation.ts';
import type { Attention, DecoderDefinition, DecoderInput, WeightTensors } from '../decoder-definition.ts';
import { JOINED } from '../joined-weights.ts';
import { rotaryTables, turn, type RotaryTable, type RotaryTables } from '../rotary.ts';

function decoderOf(config: ModelConfig): LlamaDecoder {
  const { decoder } = familyOf(config);
  if (decoder.kind !== 'llama') throw internal(`${config.architecture} is not built as Llama is`);
  return decoder;
}

/** RMSNorm (Zhang & Sennrich, arXiv 1910.07467) by a weight that is stored with the family's offset. */
function normalise(config: ModelConfig, x: tf.Tensor2D, stored: tf.Tensor1D): tf.Tensor2D {
  const { normOffset } = decoderOf(config);
  return rmsNorm(x, normOffset === 0 ? stored : tf.add(stored, normOffset), config.normEps);
}

/** One layer's weights by the part of their names behind the layer's. */
class Layer {
  constructor(
    private readonly config: ModelConfig,
    private readonly weights: WeightTensors,
    private readonly prefix: string,
  ) {}

  private find(name: string): tf.Tensor | undefined {
    return this.weights[`${this.prefix}.${name}`];
  }

  /** Without a name there is no norm. */
  norm(name: string | null, x: tf.Tensor2D): tf.Tensor2D {
    return name === null ? x : normalise(this.config, x, this.find(`${name}.weight`) as tf.Tensor1D);
  }

  /** x @ weightᵀ, plus the bias where there is one. */
  project(name: string, x: tf.Tensor2D): tf.Tensor2D {
    const projected: tf.Tensor2D = tf.matMul(x, this.find(`${name}.weight`) as tf.Tensor2D, false, true);
    const bias = this.find(`${name}.bias`);
    return bias ? tf.add(projected, bias) : projected;
  }

  /** Several projections of the same input, in one product where their weights are joined or stored as one. */
  projectAll(joined: keyof typeof JOINED, x: tf.Tensor2D, sizes: number[]): tf.Tensor2D[] {
    if (!this.find(`${joined}.weight`)) return JOINED[joined].map((name) => this.project(name, x));
    return tf.split(this.project(joined, x), sizes, 1);
  }

  /** Queries or keys `[batch * length, heads * headDim]`, normalised as the family does that. */
  headNorm(name: string, x: tf.Tensor2D): tf.Tensor2D {
    const { queryKeyNorm } = decoderOf(this.config);
    if (queryKeyNorm === null) return x;
    if (queryKeyNorm === 'all heads') return this.norm(name, x);
    const rows = tf.reshape(x, [x.size / this.config.headDim, this.config.headDim]) as tf.Tensor2D;
    return tf.reshape(this.norm(name, rows), x.shape);
  }
}

/** The residual stream behind one more layer. */
function layerOf(
  config: ModelConfig,
  layer: Layer,
  input: DecoderInput,
  { hidden, rotary, attend }: { hidden: tf.Tensor2D; rotary: RotaryTables; attend: LayerAttend },
): tf.Tensor2D {
  const { norms } = decoderOf(config);
  const { numAttentionHeads, numKeyValueHeads, headDim, intermediateSize, activation } = config;
  const headsFirst = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 1, 3]);
  const heads = (x: tf.Tensor2D): tf.Tensor4D =>
    headsFirst(tf.reshape(x, [input.batch, input.length, x.shape[1] / headDim, headDim]));
  const turned = (x: tf.Tensor2D, table: RotaryTable): tf.Tensor4D => turn(heads(x), table);
  const sizes = [numAttentionHeads, numKeyValueHeads, numKeyValueHeads].map((count) => count * headDim);
  const x = layer.norm(norms.beforeAttention, hidden);
  const [q, k, v] = layer.projectAll('self_attn.qkv_proj', x, sizes) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const query = turned(layer.headNorm('self_attn.q_norm', q), rotary.query);
  const key = turned(layer.headNorm('self_attn.k_norm', k), rotary.key);
  const attended = headsFirst(attend(query, key, heads(v)));
  const rows = [input.batch * input.length, numAttentionHeads * headDim] as [number, number];
  const mixed: tf.Tensor2D = layer.project('self_attn.o_proj', tf.reshape(attended, rows));
  const behind: tf.Tensor2D = tf.add(hidden, layer.norm(norms.afterAttention, mixed));
  const y = layer.norm(norms.beforeFeedForward, behind);
  const halves = [intermediateSize, intermediateSize];
  const [gate, up] = layer.projectAll('mlp.gate_up_proj', y, halves) as [tf.Tensor2D, tf.Tensor2D];
  const fed = layer.project('mlp.down_proj', tf.mul(activate(activation, gate), up));
  return tf.add(behind, layer.norm(norms.afterFeedForward, fed));
}

/** Attention of one layer. */
type LayerAttend = (query: tf.Tensor4D, key: tf.Tensor4D, value: tf.Tensor4D) => tf.Tensor4D;

function embed(config: ModelConfig, weights: WeightTensors, tokenIds: tf.Tensor1D): tf.Tensor2D {
  const rows = tf.gather(weights['model.embed_tokens.weight'] as tf.Tensor2D, tokenIds) as tf.Tensor2D;
  return decoderOf(config).scalesEmbedding ? tf.mul(rows, Math.sqrt(config.hiddenSize)) : rows;
}

function decoder(config: ModelConfig, weights: WeightTensors, input: DecoderInput, attention: Attention): tf.Tensor2D {
  const rotary = rotaryTables(config, input.positions);
  let hidden = embed(config, weights, input.tokenIds);
  for (let index = 0; index < config.numLayers; index++) {
    hidden = layerOf(config, new Layer(config, weights, `model.layers.${index}`), input, {
      hidden: boundary(hidden),
      rotary: rotary[index]!,
      attend: (query, key, value) => attention(index, query, key, value),
    });
  }
  return boundary(hidden);
}

export const llama: DecoderDefinition = {
  kind: 'llama',
  decoder,
  finalNorm: (config, weights, hidden) => normalise(config, hidden, weights['model.norm.weight'] as tf.Tensor1D),
  embedding: 'model.embed_tokens.weight',
};
