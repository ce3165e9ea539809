import { parseModelConfig } from '@hone/checkpoint';
import { expect, test } from 'vitest';
import { initializeWeights } from './initialize-weights.ts';

test('a new model of more parameters than memory holds is refused before it is taken', () => {
  const config = parseModelConfig({ model_type: 'llama', hidden_size: 2 ** 19, num_hidden_layers: 1000 });
  const error = {
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/config_json: states \d+ parameters/) as string,
  };
  expect(() => initializeWeights(config, 1n)).toThrow(expect.objectContaining(error) as Error);
});
