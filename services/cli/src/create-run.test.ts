import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BatchUnit,
  checkTrainingSpec,
  CreateRunRequest,
  messageOf,
  NllReduction,
  PreferenceTerm,
  Schedule,
  UnscorablePolicy,
  Violations,
  WeightPrecision,
} from '@hone/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { specOf } from './create-run.ts';
import { readRunFile } from './run-file.ts';

const RUN_FILE = `
name: mine
checkpoint: 0123abcd
benchmark: gsm8k
train: { file: train.jsonl }
test: { file: test.jsonl }
iterations: 2
problems_per_iteration: 10
samples_per_problem: 30
sampling: { temperature: 0.9, top_k: 40, top_p: 0.95, max_tokens: 100 }
pairs: { per_problem: 10, unscorable: drop, truncated_lose: true }
training:
  learning_rate: 7.0e-7
  batch_size: 4
  batch_unit: problems
  epochs: 2
  max_steps: 9
  warmup_steps: 3
  schedule: linear
  weight_decay: 0.01
  max_grad_norm: 0.5
  max_length: 300
  beta: 0.2
  nll_alpha: 0.5
evaluation: { majority_k: 32 }
seed: 5
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hone-create-run-'));
  writeFileSync(path.join(folder, 'run.yaml'), RUN_FILE);
});
afterAll(() => rmSync(folder, { recursive: true }));

function spec(change: object = {}, name = 'run.yaml') {
  const file = { ...readRunFile(path.join(folder, name)), ...change };
  const fields = specOf(file, 'checkpoints/a', { train: { name: 'problemSets/b' }, test: { name: 'problemSets/c' } });
  return messageOf(CreateRunRequest, { spec: fields }).spec!;
}

describe('the spec of a run file', () => {
  it('names the model, the problems and the scorer of the benchmark', () => {
    expect(spec()).toMatchObject({
      displayName: 'mine',
      benchmark: 'gsm8k',
      baseCheckpoint: 'checkpoints/a',
      trainProblemSet: 'problemSets/b',
      testProblemSet: 'problemSets/c',
      scorer: { name: 'gsm8k' },
      seed: 5n,
    });
  });

  it('carries sampling and pairs over', () => {
    expect(spec()).toMatchObject({
      iterations: 2,
      problemsPerIteration: 10,
      samplesPerProblem: 30,
      sampling: { temperature: 0.9, topK: 40, topP: 0.95, maxTokens: 100 },
      pairs: { rule: 'cycle', pairsPerProblem: 10, unscorable: UnscorablePolicy.DROP, truncatedLose: true },
    });
  });

  it('carries every number of the training over, with the loss of the paper', () => {
    const { training } = spec();
    expect(training).toMatchObject({
      optimizer: {
        learningRate: 7e-7,
        weightDecay: 0.01,
        maxGradNorm: 0.5,
        warmupSteps: 3,
        schedule: Schedule.LINEAR,
      },
      epochs: 2,
      maxSteps: 9,
      batchSize: 4,
      batchUnit: BatchUnit.PROBLEMS,
      maxLength: 300,
      loss: {
        version: 1,
        preference: PreferenceTerm.SIGMOID,
        beta: 0.2,
        nllAlpha: 0.5,
        nllReduction: NllReduction.SEQUENCE_MEAN,
      },
    });
    const violations = new Violations();
    checkTrainingSpec(training, 'groups', 'training', violations);
    expect(() => violations.throwIfAny()).not.toThrow();
  });

  it('carries stops, weights, another loss, recomputation and an adapter over', () => {
    const text = RUN_FILE.replace(
      'max_tokens: 100',
      'max_tokens: 100, stop: ["\\n"], stop_token_ids: [7], weights: int8',
    )
      .replace('beta: 0.2', 'preference: robust\n  label_smoothing: 0.1\n  nll_reduction: TOKEN_MEAN')
      .replace(
        'epochs: 2',
        'recompute_activations: true\n  stop_when_chosen_falls: true\n  lora: { rank: 8, target_modules: [q_proj] }',
      );
    writeFileSync(path.join(folder, 'more.yaml'), text);
    const { sampling, training } = spec({}, 'more.yaml');
    const { INT8: weightPrecision } = WeightPrecision;
    expect(sampling).toMatchObject({ stop: ['\n'], stopTokenIds: [7], weightPrecision });
    const loss = { preference: PreferenceTerm.ROBUST, labelSmoothing: 0.1, nllReduction: NllReduction.TOKEN_MEAN };
    const lora = { rank: 8, alpha: 16, targetModules: ['q_proj'] };
    expect(training).toMatchObject({ recomputeActivations: true, stopWhenChosenFalls: true, lora, loss });
  });

  it('evaluates as long as it samples, where nothing else is said', () => {
    expect(spec().evaluation).toMatchObject({ greedy: true, maxTokens: 100 });
    expect(
      spec({ sampling: { ...readRunFile(path.join(folder, 'run.yaml')).sampling, stop: ['#'] } }).evaluation,
    ).toMatchObject({
      stop: ['#'],
    });
    const evaluation = { greedy: false, max_tokens: 50, majority_k: 0, majority_temperature: 0.8 };
    expect(spec({ evaluation }).evaluation).toMatchObject({ greedy: false, maxTokens: 50 });
  });

  it('has a majority vote only where a number of votes is given', () => {
    expect(spec().evaluation?.majority).toMatchObject({ k: 32, sampling: { temperature: 0.8 } });
    const evaluation = { greedy: true, majority_k: 0, majority_temperature: 0.8 };
    expect(spec({ evaluation }).evaluation?.majority).toBeUndefined();
  });
});
