/** What a decoder's definition computes: a file each below decoders/. How attention finds its keys and values is handed in, so one definition serves training and decoding. */
import type { ModelConfig } from '@hone/checkpoint';
import type { tf } from '@hone/tfjs-onnx';

/** Weights by Hugging Face name. */
export type WeightTensors = Readonly<Record<string, tf.Tensor>>;

/**
 * Attention of one layer. query `[batch, heads, seq, headDim]` and key `[batch, kvHeads, seq, headDim]` know their positions,
 * query is scaled as the layer's scores are, value has key's shape; gives `[batch, heads, seq, headDim]`.
 */
export type Attention = (layer: number, query: tf.Tensor4D, key: tf.Tensor4D, value: tf.Tensor4D) => tf.Tensor4D;

export interface DecoderInput {
  /** Token ids `[batch * seq]`, int32. */
  readonly tokenIds: tf.Tensor1D;
  /** `[batch | 1, seq]`, int32. */
  readonly positions: tf.Tensor2D;
  readonly batch: number;
  readonly length: number;
}

export interface DecoderDefinition {
  /** What families name it by. */
  readonly kind: string;
  /** The residual stream behind the last layer, before the final norm: `[batch * seq, hidden]`. */
  decoder(config: ModelConfig, weights: WeightTensors, input: DecoderInput, attention: Attention): tf.Tensor2D;
  /** What the output head is applied to: rows of the residual stream behind the final norm. */
  finalNorm(config: ModelConfig, weights: WeightTensors, hidden: tf.Tensor2D): tf.Tensor2D;
  /** Name of the embedding, which is the output head too where the model is tied. */
  readonly embedding: string;
}
