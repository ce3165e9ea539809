import { parseModelConfig } from '@hone/checkpoint';
import { expect, test } from 'vitest';
import { validateRequests, validateSequences } from './validate-requests.ts';

const config = parseModelConfig({
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  vocab_size: 10,
  max_position_embeddings: 6,
});
const prompt = (tokens: number[], promptId = 'a', n = 1) => ({
  promptId,
  promptTokenIds: Int32Array.from(tokens),
  n,
});

test('a prompt that leaves room for one token passes', () => {
  expect(() => validateRequests([prompt([1, 2, 3, 4, 5])], config)).not.toThrow();
});

test.each([
  [/^prompts: must not be empty/, []],
  [/^prompts\[0\]: must have at least 1 token/, [prompt([])]],
  [/^prompts\[1\]: "b" has 6 tokens.*context of 6/, [prompt([1]), prompt([1, 2, 3, 4, 5, 6], 'b')]],
  [/^prompts\[0\]: token id 10 .*vocabulary of 10/, [prompt([10])]],
  [/^prompts\[0\]: token id -1/, [prompt([-1])]],
  [/^prompts\[1\]\.id: "a"/, [prompt([1]), prompt([2])]],
  [/^n: .*at least 1/, [prompt([1], 'a', 0)]],
])('refused: %s', (message, requests) => {
  expect(() => validateRequests(requests, config)).toThrow(message);
});

test.each([
  [/^sequences: must not be empty/, []],
  [/^sequences\[0\]: must have at least 2 tokens/, [[1]]],
  [
    /^sequences\[1\]: has 8 tokens.*context holds 6/,
    [
      [1, 2],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
  ],
  [/^sequences\[0\]: token id 11/, [[1, 11]]],
])('sequences refused: %s', (message, sequences) => {
  expect(() =>
    validateSequences(
      sequences.map((ids) => Int32Array.from(ids)),
      config,
    ),
  ).toThrow(message);
});
