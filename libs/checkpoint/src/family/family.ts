/** What a model family is. Each is one object, in a file of its own below families/. */
import type { Activation } from '../config/activation.ts';
import type { ConfigFields } from '../config/config-fields.ts';
import type { GgufFile } from '../gguf/gguf-file.ts';
import type { LayerAttention } from '../config/layer-attention.ts';
import type { WeightShape } from '../tensors/weights.ts';

/** What the family's part of config.json says. */
export interface FamilyConfig {
  /** Transformers' model_type, by which the family is found. */
  readonly architecture: string;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly activation: Activation;
  readonly numLayers: number;
  /** Of each layer. */
  readonly layers: readonly LayerAttention[];
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly maxPositionEmbeddings: number;
  /** Of RMSNorm; of LayerNorm in GPT-2. */
  readonly normEps: number;
  /** Which projections have biases. */
  readonly biases: {
    readonly queryKeyValue: boolean;
    readonly attentionOutput: boolean;
    readonly feedForward: boolean;
  };
  readonly tieWordEmbeddings: boolean;
  readonly vocabSize: number;
}

/** A model's shape and constants, the same whichever layout of config.json they came from. */
export interface ModelConfig extends FamilyConfig {
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  /** config.json as it was read; written back unchanged on export, but for the storage type. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Names of a layer's norms by their positions, behind the layer's own; null: there is none. */
export interface LayerNorms {
  readonly beforeAttention: string | null;
  /** Of what attention adds to the residual stream. */
  readonly afterAttention: string | null;
  readonly beforeFeedForward: string | null;
  readonly afterFeedForward: string | null;
}

/**
 * Layers of attention with rotary embedding and of a gated feed-forward, behind RMSNorm: what differs between the families that are
 * built so. `libs/models` has the one definition that computes it.
 */
export interface LlamaDecoder {
  readonly kind: 'llama';
  readonly norms: LayerNorms;
  /** Whether queries and keys are normalised before they are rotated: each head by itself, or all heads as one vector. */
  readonly queryKeyNorm: 'each head' | 'all heads' | null;
  /** Whether query, key and value are one matrix, and gate and up too. */
  readonly isFused: boolean;
  /** What is added to the stored weights of norms. */
  readonly normOffset: 0 | 1;
  /** Whether embeddings are multiplied by the square root of their size. */
  readonly scalesEmbedding: boolean;
}

/** A definition of its own in `libs/models`, by its kind there. */
export interface OwnDecoder {
  readonly kind: 'own';
  readonly name: string;
}

export type Decoder = LlamaDecoder | OwnDecoder;

/** How the family's models are stored in GGUF. */
export interface GgufMap {
  /** `general.architecture`. Families may share one: see `holds`. */
  readonly architecture: string;
  /** Whether a file of that architecture is of this family; without it, every one is that no other claims. */
  readonly holds?: ((source: GgufFile) => boolean) | undefined;
  /** What config.json would say, without vocabulary and tokens. */
  readonly config: (source: GgufFile) => Record<string, unknown>;
  /** GGUF's names of modules by Hugging Face's, without the layer's prefix. */
  readonly names: Readonly<Record<string, string>>;
  /** Whether llama.cpp rotates neighbouring rows of q and k, where Hugging Face rotates halves. */
  readonly rotatesNeighbours: boolean;
  /** What was added to the weights of norms when they were stored. */
  readonly normShift: 0 | 1;
}

export interface ModelFamily {
  /** Transformers' model_type. */
  readonly modelType: string;
  /** Transformers' class of its language models. */
  readonly className: string;
  /** Reads the family's fields of config.json. What it does not ask for and is not harmless is refused. */
  readonly parse: (fields: ConfigFields) => FamilyConfig;
  /** The sizes that a new model must state, each with the names that it goes by. */
  readonly sizes: readonly (readonly string[])[];
  /** Names and shapes of the weights in Hone's canonical order, the embedding first. */
  readonly weights: (config: ModelConfig) => WeightShape[];
  /** What stands before the names of all weights but the head's; base models are stored without it. */
  readonly basePrefix: string;
  /** What stands before a layer's number in the names of its weights. */
  readonly layerPrefix: string;
  /** Tables that old files hold and every reader computes by itself. */
  readonly computedTensors: RegExp;
  readonly decoder: Decoder;
  /** Null: GGUF files of the family are refused. */
  readonly gguf: GgufMap | null;
}
