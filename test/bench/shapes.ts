/** Models that are timed. Weights are random: speed does not depend on them. */
import { createLlamaConfig, type ModelConfig } from '@hone/checkpoint';

/** Field names are the peers' scripts' too. */
export interface Shape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kv_heads: number;
  readonly feed_forward: number;
  readonly vocab: number;
}

export const SHAPES = {
  small: { layers: 4, hidden: 256, heads: 4, kv_heads: 4, feed_forward: 688, vocab: 512 },
  /** SmolLM2-135M. */
  medium: { layers: 30, hidden: 576, heads: 9, kv_heads: 3, feed_forward: 1536, vocab: 49_152 },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;

export function configOf(name: ShapeName): ModelConfig {
  const shape: Shape = SHAPES[name];
  return createLlamaConfig({
    hiddenSize: shape.hidden,
    intermediateSize: shape.feed_forward,
    numLayers: shape.layers,
    numAttentionHeads: shape.heads,
    numKeyValueHeads: shape.kv_heads,
    vocabSize: shape.vocab,
    maxPositionEmbeddings: 2048,
    tieWordEmbeddings: true,
    eosTokenId: 2,
  });
}

/** Tokens of the vocabulary, none of them special; the same for the same salt. */
export const tokensOf = (length: number, vocab: number, salt: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => 3 + ((i * 104_729 + salt * 7_919) % (vocab - 3)));
