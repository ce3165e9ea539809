/** A task that a model of a few thousand weights learns in seconds: sums of two digits. */
import {
  EvaluationSpec,
  Example,
  InitializeCheckpointRequest,
  PreferenceTerm,
  Problem,
  RunSpec,
} from '@hone/contracts';

const SPECIAL = ['<pad>', '<bos>', '<eos>'];
const WORDS = [...SPECIAL, 'add', '####', ...Array.from({ length: 19 }, (_, sum) => String(sum))];

const TOKENIZER = {
  version: '1.0',
  added_tokens: SPECIAL.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<bos>': { id: '<bos>', ids: [1], tokens: ['<bos>'] } },
  },
  decoder: null,
  model: { type: 'WordLevel', vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])), unk_token: '<pad>' },
};

const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 16,
  vocab_size: WORDS.length,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  hidden_act: 'silu',
  tie_word_embeddings: false,
  bos_token_id: 1,
  eos_token_id: 2,
  pad_token_id: 0,
  torch_dtype: 'float32',
};

/** Asks the trainer for the model. */
export function modelRequest(): InitializeCheckpointRequest {
  return InitializeCheckpointRequest.fromPartial({
    configJson: JSON.stringify(CONFIG),
    tokenizerFiles: {
      'tokenizer.json': JSON.stringify(TOKENIZER),
      'tokenizer_config.json': JSON.stringify({
        bos_token: '<bos>',
        eos_token: '<eos>',
        pad_token: '<pad>',
        tokenizer_class: 'PreTrainedTokenizerFast',
      }),
    },
    seed: 1n,
    displayName: 'sums',
  });
}

const SUMS = Array.from({ length: 100 }, (_, at) => ({ left: Math.floor(at / 10), right: at % 10 }));

/** All hundred sums. */
export function problems(): Problem[] {
  return SUMS.map(({ left, right }) => {
    const id = `${left}+${right}`;
    const prompt = { id, content: { $case: 'text' as const, value: `add ${left} ${right}` }, templateDigest: '' };
    return Problem.fromPartial({ id, prompt, gold: String(left + right) });
  });
}

/** Demonstrations of which every third is one too low, so that the model's samples disagree. */
export function demonstrations(): Example[] {
  return SUMS.map(({ left, right }, at) => {
    const sum = left + right;
    const answer = at % 3 === 0 ? Math.max(0, sum - 1) : sum;
    return Example.fromPartial({ id: `${at}`, promptText: `add ${left} ${right}`, completionText: `#### ${answer}` });
  });
}

/** A run of two iterations on what was uploaded. */
export function runSpec(uploaded: { checkpoint: string; problemSet: string; dataset: string }): RunSpec {
  const { checkpoint, problemSet, dataset } = uploaded;
  const optimizer = { learningRate: 1e-3, maxGradNorm: 1 };
  const evaluation = EvaluationSpec.fromPartial({
    greedy: true,
    maxTokens: 6,
    majority: { k: 4, sampling: { temperature: 1, topP: 1 } },
  });
  return RunSpec.fromPartial({
    displayName: 'sums',
    benchmark: 'sums',
    baseCheckpoint: checkpoint,
    warmUp: [
      {
        dataset,
        training: { loss: { version: 1 }, optimizer: { ...optimizer, learningRate: 1e-2 }, epochs: 8, batchSize: 20 },
      },
    ],
    trainProblemSet: problemSet,
    testProblemSet: problemSet,
    scorer: { name: 'gsm8k' },
    iterations: 2,
    problemsPerIteration: 60,
    samplesPerProblem: 6,
    sampling: { temperature: 1, topP: 1, maxTokens: 6 },
    pairs: { pairsPerProblem: 3, truncatedLose: true },
    training: {
      loss: { version: 1, preference: PreferenceTerm.SIGMOID, beta: 0.1, nllAlpha: 1 },
      optimizer,
      epochs: 3,
      batchSize: 8,
    },
    evaluation,
    seed: 3n,
  });
}
