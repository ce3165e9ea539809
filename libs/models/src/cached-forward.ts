/**
 * The graphs of decoding: a chunk of tokens behind a key-value cache, for any batch, chunk and past length in one session.
 *
 * Inputs: `input_ids [batch, chunk]`, `positions [batch, chunk]`, `past_mask [batch, 1, past]` and `chunk_mask [chunk, chunk]`
 * (added to scores: 0 or a large negative number), and for each layer i `past_key.i [batch, kvHeads, headDim, past]`,
 * `past_value.i [batch, kvHeads, past, headDim]`. Outputs for each layer: `key.i [batch, kvHeads, headDim, chunk]` and
 * `value.i [batch, kvHeads, chunk, headDim]`, the part to append to the cache. `past` must be at least 1.
 *
 * A step of sampling also has prompts that rows share: `prompt_key.i [prompts, kvHeads, headDim, promptLength]`,
 * `prompt_value.i [prompts, kvHeads, promptLength, headDim]`, `prompt_mask [prompts, promptLength]`, `prompt_of_row [batch]`,
 * `member_indices [prompts, kvHeads, members]` (which of the flattened `[batch * kvHeads]`) and `row_indices [batch, kvHeads]` (which
 * of the flattened `[prompts * kvHeads * members]`). A row sees its prompt, then its own past, then the chunk.
 *
 * For each sliding window that layers have there are masks of its own, which differ by position: for window w `past_mask.w [batch, chunk,
 * past]`, `chunk_mask.w [chunk, chunk]`, and `prompt_mask.w [batch, promptLength]`, which is each row's of its prompt, for the chunk's
 * first position: prompts come with chunks of one token. Masks without a suffix are of layers without a window.
 */
import { attentionWindows, type ModelConfig, type Weights } from '@hone/checkpoint';
import {
  sampleToken,
  symbolSizes,
  tf,
  tokenLogProb,
  trace,
  warpedProbabilities,
  type OnnxModel,
  type QuantizedLocation,
  type TracedInput,
  type TracedWeight,
} from '@hone/tfjs-onnx';
import { cachedAttention, maskName, type CacheMasks, type ChunkTensors, type PromptTensors } from './attention.ts';
import type { WeightTensors } from './decoder-definition.ts';
import { joinedWeights } from './joined-weights.ts';
import { decoder, outputLogits } from './model.ts';

/** Name under which the weights' bytes are handed to the session. */
export const WEIGHTS_LOCATION = 'weights';

const symbols = symbolSizes('batch', 'chunk', 'past', 'prompts', 'members', 'promptLength');
const { batch, chunk, past, prompts, members, promptLength } = symbols;

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Names of a layer's cache inputs and of the outputs that extend them. */
export const cacheNames = (layer: number) => ({
  pastKey: `past_key.${layer}`,
  pastValue: `past_value.${layer}`,
  promptKey: `prompt_key.${layer}`,
  promptValue: `prompt_value.${layer}`,
  key: `key.${layer}`,
  value: `value.${layer}`,
});

/** The weights as parts of the model whose bytes lie in the flat buffer. */
export function externalWeights(
  weights: Pick<Weights, 'specs'>,
  quantized: Readonly<Record<string, QuantizedLocation>> = {},
): Record<string, TracedWeight> {
  const bytes = Float32Array.BYTES_PER_ELEMENT;
  // The 8-bit form is made of each weight by itself.
  const isExact = Object.keys(quantized).length === 0;
  const specs = isExact ? [...weights.specs, ...joinedWeights(weights.specs)] : weights.specs;
  return Object.fromEntries(
    specs.map(({ name, shape, offset, length }) => {
      const external = { location: WEIGHTS_LOCATION, offset: offset * bytes, length: length * bytes };
      return [name, { shape, external, ...(quantized[name] && { quantized: quantized[name] }) }];
    }),
  );
}

function cacheInputs({ numLayers, numKeyValueHeads, headDim }: ModelConfig): Record<string, TracedInput> {
  return Object.fromEntries(
    Array.from({ length: numLayers }, (_, layer) => {
      const { pastKey, pastValue } = cacheNames(layer);
      return [
        [pastKey, { shape: [batch, numKeyValueHeads, headDim, past], dtype: 'float32' }],
        [pastValue, { shape: [batch, numKeyValueHeads, past, headDim], dtype: 'float32' }],
      ] as const;
    }).flat(),
  );
}

function promptInputs(config: ModelConfig): Record<string, TracedInput> {
  const { numLayers, numKeyValueHeads, headDim } = config;
  const layers = Array.from({ length: numLayers }, (_, layer) => {
    const { promptKey, promptValue } = cacheNames(layer);
    return [
      [promptKey, { shape: [prompts, numKeyValueHeads, headDim, promptLength], dtype: 'float32' }],
      [promptValue, { shape: [prompts, numKeyValueHeads, promptLength, headDim], dtype: 'float32' }],
    ] as const;
  });
  return {
    ...perWindow(config, (window) => ({
      prompt_mask: { shape: [window === null ? prompts : batch, promptLength], dtype: 'float32' },
      ...(window === null ? { prompt_of_row: { shape: [batch], dtype: 'int32' } } : {}),
    })),
    member_indices: { shape: [prompts, numKeyValueHeads, members], dtype: 'int32' },
    row_indices: { shape: [batch, numKeyValueHeads], dtype: 'int32' },
    ...(Object.fromEntries(layers.flat()) as Record<string, TracedInput>),
  };
}

function promptTensors({ numLayers }: ModelConfig, inputs: Tensors): PromptTensors {
  return {
    layers: Array.from({ length: numLayers }, (_, layer) => {
      const { promptKey, promptValue } = cacheNames(layer);
      return { key: inputs[promptKey] as tf.Tensor4D, value: inputs[promptValue] as tf.Tensor4D };
    }),
    memberIndices: inputs['member_indices'] as tf.Tensor3D,
    rowIndices: inputs['row_indices'] as tf.Tensor2D,
  };
}

/** Inputs that each window has, by their names. */
function perWindow(
  config: ModelConfig,
  inputsOf: (window: number | null) => Record<string, TracedInput>,
): Record<string, TracedInput> {
  const named = attentionWindows(config).flatMap((window) =>
    Object.entries(inputsOf(window)).map(([name, input]) => [maskName(name, window), input] as const),
  );
  return Object.fromEntries(named);
}

const chunkInputs = (config: ModelConfig): Record<string, TracedInput> => ({
  input_ids: { shape: [batch, chunk], dtype: 'int32' },
  positions: { shape: [batch, chunk], dtype: 'int32' },
  ...perWindow(config, (window) => ({
    past_mask: { shape: [batch, window === null ? 1 : chunk, past], dtype: 'float32' },
    chunk_mask: { shape: [chunk, chunk], dtype: 'float32' },
  })),
});

function cacheMasks(inputs: Tensors, window: number | null): CacheMasks {
  const promptMask = inputs[maskName('prompt_mask', window)] as tf.Tensor2D | undefined;
  // Without a window, the rows of a prompt share its mask.
  const shared = window === null && promptMask;
  return {
    past: inputs[maskName('past_mask', window)] as tf.Tensor3D,
    chunk: inputs[maskName('chunk_mask', window)] as tf.Tensor2D,
    prompt: shared ? (tf.gather(shared, inputs['prompt_of_row'] as tf.Tensor1D) as tf.Tensor2D) : promptMask,
  };
}

/** The residual stream `[batch * chunk, hidden]`, and the chunk's keys and values as outputs. */
function cachedDecoder(
  config: ModelConfig,
  inputs: Tensors,
  weights: WeightTensors,
): { hidden: tf.Tensor2D; cache: Tensors } {
  const cache: Record<string, tf.Tensor> = {};
  const attention = cachedAttention(config, {
    past: Array.from({ length: config.numLayers }, (_, layer) => {
      const { pastKey, pastValue } = cacheNames(layer);
      return { key: inputs[pastKey] as tf.Tensor4D, value: inputs[pastValue] as tf.Tensor4D };
    }),
    masks: new Map(attentionWindows(config).map((window) => [window, cacheMasks(inputs, window)])),
    prompts: 'member_indices' in inputs ? promptTensors(config, inputs) : undefined,
    onChunk: (layer: number, { key, value }: ChunkTensors) => {
      cache[cacheNames(layer).key] = key;
      cache[cacheNames(layer).value] = value;
    },
  });
  const tokenIds = tf.reshape(inputs['input_ids']!, [batch * chunk]) as tf.Tensor1D;
  const positions = inputs['positions'] as tf.Tensor2D;
  return { hidden: decoder(config, weights, { tokenIds, positions, batch, length: chunk }, attention), cache };
}

/**
 * One step of sampling. Further inputs, a row a sequence: `last_index [batch]` (row of the flattened `[batch * chunk]` whose
 * next token is drawn), and those of sampleToken: `inverse_temperature`, `uniform`, `top_k` (int32), `top_p`, each
 * `[batch, 1]`, and `truncate []` (bool). With `quantized`, products use the 8-bit form of the weights that it names. Outputs: `token [batch]`, `log_prob [batch]`; with `check` also
 * `logits [batch, vocab]` and `warped [batch, vocab]`, the probabilities that a truncated draw is made from.
 */
export function buildDecodeGraph(
  config: ModelConfig,
  weights: Pick<Weights, 'specs'>,
  options: { check?: boolean; quantized?: Readonly<Record<string, QuantizedLocation>> | undefined } = {},
): OnnxModel {
  const row: TracedInput = { shape: [batch, 1], dtype: 'float32' };
  const inputs: Record<string, TracedInput> = {
    ...chunkInputs(config),
    last_index: { shape: [batch], dtype: 'int32' },
    inverse_temperature: row,
    uniform: row,
    top_k: { shape: [batch, 1], dtype: 'int32' },
    top_p: row,
    truncate: { shape: [], dtype: 'bool' },
    ...cacheInputs(config),
    ...promptInputs(config),
  };
  const traced = externalWeights(weights, options.quantized);
  return trace({ inputs, weights: traced, symbols }, (fed, weightTensors) => {
    const { hidden, cache } = cachedDecoder(config, fed, weightTensors);
    const last = tf.gather(hidden, fed['last_index'] as tf.Tensor1D) as tf.Tensor2D;
    const draw = {
      logits: outputLogits(config, weightTensors, last),
      inverseTemperature: fed['inverse_temperature'] as tf.Tensor2D,
      topK: fed['top_k'] as tf.Tensor2D,
      topP: fed['top_p'] as tf.Tensor2D,
    };
    const { token, logProb } = sampleToken({
      ...draw,
      uniform: fed['uniform'] as tf.Tensor2D,
      truncate: fed['truncate'] as tf.Scalar,
    });
    const checked = options.check ? { logits: draw.logits, warped: warpedProbabilities(draw) } : {};
    return { token, log_prob: logProb, ...checked, ...cache };
  });
}

/**
 * Log-probs of given tokens (teacher forcing). Further input: `labels [batch, chunk]`, the token behind each position. Output:
 * `log_probs [batch, chunk]`; with `check` also `logits [batch * chunk, vocab]`.
 */
export function buildScoreGraph(
  config: ModelConfig,
  weights: Pick<Weights, 'specs'>,
  options: { check?: boolean } = {},
): OnnxModel {
  const inputs: Record<string, TracedInput> = {
    ...chunkInputs(config),
    labels: { shape: [batch, chunk], dtype: 'int32' },
    ...cacheInputs(config),
  };
  return trace({ inputs, weights: externalWeights(weights), symbols }, (fed, weightTensors) => {
    const { hidden, cache } = cachedDecoder(config, fed, weightTensors);
    const logits = outputLogits(config, weightTensors, hidden);
    const labels = tf.reshape(fed['labels']!, [batch * chunk]) as tf.Tensor1D;
    const logProbs = tf.reshape(tokenLogProb(logits, labels), [batch, chunk]);
    return { log_probs: logProbs, ...(options.check ? { logits } : {}), ...cache };
  });
}
