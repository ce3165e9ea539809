/**
 * The training-step graph: forward, loss and the gradient of every weight, for any number of tokens, sequences and pairs or
 * labelled completions in one session. Only the completions' positions go through the output head, so that `[tokens, vocab]` is never held for prompts
 * or padding.
 */
import {
  decoder,
  finalNorm,
  maskName,
  outputHead,
  outputLogits,
  type Attention,
  type WeightTensors,
} from '@hone/models';
import { attentionWindows, type ModelConfig, type Weights } from '@hone/checkpoint';
import {
  linearTokenLogProb,
  lowRankSum,
  recompute,
  sumSegments,
  symbolSizes,
  tf,
  tokenLogProb,
  trace,
  type Block,
  type OnnxModel,
  type TracedInput,
} from '@hone/tfjs-onnx';
import { loraNames, type LoraAdapter } from '../adapters/lora.ts';
import { packedAttention, type PackedLayout, type PackedMasks } from './packed-attention.ts';
import type { Tensors } from './loss-graph.ts';
import { preferenceGraph } from './preference-loss.ts';
import type { PreferenceTerm } from '../types.ts';

const symbols = symbolSizes('tokens', 'rows', 'length', 'targets', 'items', 'prompts', 'promptLength');
const { tokens, rows, length, targets, items, prompts, promptLength } = symbols;

/** Name of the output that is a weight's gradient. */
export const gradientName = (weight: string): string => `gradient.${weight}`;

const runInputs: Record<string, TracedInput> = {
  // All tokens that are forwarded, their positions in their sequences, and their slots in the blocks.
  token_ids: { shape: [tokens], dtype: 'int32' },
  positions: { shape: [tokens], dtype: 'int32' },
  slots: { shape: [tokens], dtype: 'int32' },
  row_rows: { shape: [rows, length], dtype: 'int32' },
  row_filled: { shape: [rows, length, 1], dtype: 'float32' },
  // Of each completion token: the token of the run that predicts it, its id, and its row.
  target_index: { shape: [targets], dtype: 'int32' },
  target_label: { shape: [targets], dtype: 'int32' },
  target_row: { shape: [targets], dtype: 'int32' },
};
const promptInputs: Record<string, TracedInput> = {
  prompt_rows: { shape: [prompts, promptLength], dtype: 'int32' },
  prompt_filled: { shape: [prompts, promptLength, 1], dtype: 'float32' },
  prompt_of_row: { shape: [rows], dtype: 'int32' },
  membership: { shape: [prompts, rows], dtype: 'float32' },
};
/** With a sliding window, each position sees a part of its own of the prompt. */
const maskInputs = (window: number | null, { sharedPrompts }: SequenceOptions): Record<string, TracedInput> => ({
  [maskName('row_causal_mask', window)]: { shape: [length, length], dtype: 'float32' },
  ...(sharedPrompts && {
    [maskName('prompt_causal_mask', window)]: { shape: [promptLength, promptLength], dtype: 'float32' },
    [maskName('prompt_mask', window)]: { shape: [rows, window === null ? 1 : length, promptLength], dtype: 'float32' },
  }),
});
const sequenceInputs = (config: ModelConfig, options: SequenceOptions): Record<string, TracedInput> => ({
  ...runInputs,
  ...(options.sharedPrompts ? promptInputs : {}),
  ...Object.assign({}, ...attentionWindows(config).map((window) => maskInputs(window, options))),
});
const lossInputs: Record<string, TracedInput> = { nll_weight: { shape: [rows], dtype: 'float32' } };
function weightInputs({ specs }: Pick<Weights, 'specs'>): Record<string, TracedInput> {
  return Object.fromEntries(specs.map(({ name, shape }) => [name, { shape, dtype: 'float32' }]));
}

/** How the sequences of a part are laid out: see `pack.ts`. */
export interface SequenceOptions {
  readonly sharedPrompts: boolean;
  /** Logits of a target held at once where the vocabulary is large; for tests. */
  readonly vocabularyBlock?: number | undefined;
  /** Whether the output head has no gradient. */
  readonly frozenHead?: boolean | undefined;
}

function blockOf(fed: Tensors, name: 'row' | 'prompt'): Block {
  return { rows: fed[`${name}_rows`] as tf.Tensor2D, filled: fed[`${name}_filled`] as tf.Tensor3D };
}

function layoutOf(config: ModelConfig, fed: Tensors, { sharedPrompts }: SequenceOptions): PackedLayout {
  const prompts = {
    block: blockOf(fed, 'prompt'),
    promptOfRow: fed['prompt_of_row'] as tf.Tensor1D,
    membership: fed['membership'] as tf.Tensor2D,
  };
  const masksOf = (window: number | null): PackedMasks => ({
    rows: fed[maskName('row_causal_mask', window)] as tf.Tensor2D,
    prompts: fed[maskName('prompt_causal_mask', window)] as tf.Tensor2D | undefined,
    promptOfRows: fed[maskName('prompt_mask', window)] as tf.Tensor3D | undefined,
  });
  return {
    rows: blockOf(fed, 'row'),
    slots: fed['slots'] as tf.Tensor1D,
    masks: new Map(attentionWindows(config).map((window) => [window, masksOf(window)])),
    prompts: sharedPrompts ? prompts : undefined,
  };
}

/** Logits of a target that are held at once where the vocabulary is large. Larger blocks are no faster, and cost memory. */
const VOCABULARY_BLOCK = 2048;
/** A vocabulary of at least so many blocks is large. */
const LARGE_VOCABULARY_BLOCKS = 4;

/** Log-prob of each target, `[targets]`, from the residual stream before them. */
function targetLogProbs(
  config: ModelConfig,
  weights: WeightTensors,
  fed: Tensors,
  predicting: tf.Tensor2D,
  { vocabularyBlock = VOCABULARY_BLOCK, frozenHead = false }: SequenceOptions,
): tf.Tensor1D {
  const labels = fed['target_label'] as tf.Tensor1D;
  const isLarge = config.vocabSize >= LARGE_VOCABULARY_BLOCKS * vocabularyBlock;
  if (!isLarge) return tokenLogProb(outputLogits(config, weights, predicting), labels);
  const normalised = finalNorm(config, weights, predicting);
  return linearTokenLogProb(normalised, outputHead(config, weights), labels, {
    blockSize: vocabularyBlock,
    trainable: !frozenHead,
  });
}

/** Log-prob of each token of the rows' completions, row by row: `[targets]`. */
function tokenLogProbs(
  config: ModelConfig,
  weights: WeightTensors,
  fed: Tensors,
  options: SequenceOptions,
): tf.Tensor1D {
  const packed = packedAttention(config, layoutOf(config, fed, options));
  const flat = (x: tf.Tensor4D): tf.Tensor3D => tf.squeeze(tf.transpose(x, [0, 2, 1, 3]), [0]);
  const attention: Attention = (layer, query, key, value) => {
    const attended = packed(layer, flat(query), flat(key), flat(value));
    const [, heads, , headDim] = query.shape;
    return tf.transpose(tf.reshape(attended, [1, tokens, heads, headDim]), [0, 2, 1, 3]) as tf.Tensor4D;
  };
  const tokenIds = fed['token_ids'] as tf.Tensor1D;
  const positions = tf.reshape(fed['positions']!, [1, tokens]) as tf.Tensor2D;
  const hidden = decoder(config, weights, { tokenIds, positions, batch: 1, length: tokens }, attention);
  const predicting = tf.gather(hidden, fed['target_index'] as tf.Tensor1D) as tf.Tensor2D;
  return targetLogProbs(config, weights, fed, predicting, options);
}

/** Summed log-prob of each row's completion: `[rows]`. */
const sumOfRows = (logProbs: tf.Tensor1D, fed: Tensors): tf.Tensor1D =>
  sumSegments(logProbs, fed['target_row'] as tf.Tensor1D, rows);

/** What a training step computes. */
export interface StepOptions extends SequenceOptions {
  /** Absent for demonstrations, which have the NLL alone. */
  readonly term?: PreferenceTerm | undefined;
  /** Of each layer, hold its input alone, and compute the rest again for the backward pass. */
  readonly recomputeActivations?: boolean | undefined;
}

/** The weights that a model computes with: its own, changed by its adapter where it has one. */
function effectiveWeights({ weights, adapter }: StepModel, tensors: Tensors): WeightTensors {
  if (!adapter) return tensors;
  const { rank, alpha } = adapter;
  return Object.fromEntries(
    weights.specs.map(({ name }) => {
      const { down, up } = loraNames(name);
      const [weight, a, b] = [tensors[name], tensors[down], tensors[up]] as tf.Tensor2D[];
      return [name, a && b ? lowRankSum(weight!, a, b, alpha / rank) : weight!];
    }),
  );
}

/** What of a model its graphs depend on. */
export interface StepModel {
  readonly config: ModelConfig;
  readonly weights: Pick<Weights, 'specs'>;
  readonly adapter?: (Pick<LoraAdapter, 'rank' | 'alpha'> & { readonly weights: Pick<Weights, 'specs'> }) | undefined;
}

const modelInputs = ({ weights, adapter }: StepModel): Record<string, TracedInput> => ({
  ...weightInputs(weights),
  ...(adapter ? weightInputs(adapter.weights) : {}),
});

/**
 * Outputs `nll` and, where there is a loss on pairs or on labelled completions, `preference` (weighted sums), `log_probs [rows]`, and a gradient of
 * `preference + nll` for every weight, or for those of the adapter alone.
 */
export function buildStepGraph(model: StepModel, { term, recomputeActivations, ...sequences }: StepOptions): OnnxModel {
  const { config, adapter } = model;
  const options = { ...sequences, frozenHead: adapter !== undefined };
  const ofPreferences = preferenceGraph(term);
  const inputs = {
    ...sequenceInputs(config, options),
    ...lossInputs,
    ...ofPreferences?.inputs({ rows, targets, items }),
    ...modelInputs(model),
  };
  return trace({ inputs, symbols }, (fed) => {
    const outputs: Record<string, tf.Tensor> = {};
    // Values within a differentiated function are let go of at its end unless they are kept.
    const output = (name: string, tensor: tf.Tensor): void => void (outputs[name] = tf.keep(tensor));
    const names = (adapter ?? model).weights.specs.map(({ name }) => name);
    const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
      const trained = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
      const weights = effectiveWeights(model, { ...fed, ...trained });
      const ofTokens = tokenLogProbs(config, weights, fed, options);
      const logProbs = sumOfRows(ofTokens, fed);
      const nll = tf.neg(tf.sum(tf.mul(logProbs, fed['nll_weight']!))) as tf.Scalar;
      output('log_probs', logProbs);
      output('nll', nll);
      if (!ofPreferences) return nll;
      const preference = ofPreferences.sum({ ofRows: logProbs, ofTokens }, fed);
      output('preference', preference);
      return tf.add(preference, nll);
    };
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => fed[name]!));
    names.forEach((name, i) => (outputs[gradientName(name)] = grads[i]!));
    return recomputeActivations ? recompute(outputs, value) : outputs;
  });
}

/** Only the forward pass: `log_probs [rows]` and, of each token, `token_log_probs [targets]`. For reference log-probs. */
export function buildLogProbGraph(model: StepModel): OnnxModel {
  const { config } = model;
  const options = { sharedPrompts: true };
  return trace({ inputs: { ...sequenceInputs(config, options), ...modelInputs(model) }, symbols }, (fed) => {
    const ofTokens = tokenLogProbs(config, effectiveWeights(model, fed), fed, options);
    return { log_probs: sumOfRows(ofTokens, fed), token_log_probs: ofTokens };
  });
}
