/** A task that a model of a few thousand weights learns in seconds: sums of two digits. */
import { Example, InitializeCheckpointRequest, Problem, resultOf, RunSpec, type Run } from '@hone/contracts';

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
  const warm = { learning_rate: 1e-2, epochs: 8, batch_size: 20, nll_reduction: 'SEQUENCE_MEAN' };
  return RunSpec.fromPartial({
    displayName: 'sums',
    benchmark: 'sums',
    baseCheckpoint: checkpoint,
    trainProblemSet: problemSet,
    testProblemSet: problemSet,
    scorer: { name: 'gsm8k' },
    settings: {
      iterations: 2,
      warm_up: [{ dataset, training: warm }],
      problems_per_iteration: 60,
      samples_per_problem: 6,
      sampling: { temperature: 1, max_tokens: 6 },
      pairs: { per_problem: 3, truncated_lose: true },
      training: { learning_rate: 1e-3, epochs: 3, batch_size: 8 },
      evaluation: { greedy: true, max_tokens: 6, majority_k: 4, majority_temperature: 1 },
    },
    seed: 3n,
  });
}

/** What must be equal whenever and however often interrupted the same spec is run. */
export function essence({ iterations }: Run): string {
  const made = iterations.map((iteration) => {
    const { greedy, majority, name } = resultOf(iteration, 'evaluate')!;
    return {
      checkpoint: iteration.checkpoint,
      samples: resultOf(iteration, 'sample'),
      verdicts: resultOf(iteration, 'score')?.verdicts,
      built: resultOf(iteration, 'build'),
      steps: iteration.steps.map(({ name, artifacts }) => ({ name, artifacts })),
      ...{ greedy, majority, evaluation: name },
    };
  });
  return JSON.stringify(made, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
