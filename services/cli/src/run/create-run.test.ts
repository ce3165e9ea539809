import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BatchUnit,
  checkTrainingSpec,
  CreateRunRequest,
  messageOf,
  NllReduction,
  Schedule,
  StepKind,
  Violations,
  type RunSpec,
} from '@hone/contracts';
import { trainingSpec } from '@hone/engine/messages';
import { findRecipe, settingsOf, type PreferenceTraining } from '@hone/recipes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { specOf } from './create-run.ts';
import { readRunFile } from '../spec/run-file.ts';

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

const UPLOADED = { checkpoint: 'checkpoints/a', train: 'problemSets/b', test: 'problemSets/c' };

function spec(name = 'run.yaml', uploaded: object = {}) {
  const fields = specOf(readRunFile(path.join(folder, name)), { ...UPLOADED, ...uploaded });
  return messageOf(CreateRunRequest, { spec: fields }).spec!;
}

/** What the trainer is told of a spec's training. */
const trainingOf = ({ settings }: RunSpec) =>
  trainingSpec((settingsOf(findRecipe('irpo'), settings, 'x') as unknown as { training: PreferenceTraining }).training);

describe('the spec of a run file', () => {
  it('names the model, the problems and the benchmark', () => {
    expect(spec()).toMatchObject({
      displayName: 'mine',
      benchmark: 'gsm8k',
      baseCheckpoint: 'checkpoints/a',
      trainProblemSet: 'problemSets/b',
      testProblemSet: 'problemSets/c',
      seed: 5n,
    });
  });

  it('carries the settings over as they stand', () => {
    expect(spec().settings).toEqual({
      iterations: 2,
      problems_per_iteration: 10,
      samples_per_problem: 30,
      sampling: { temperature: 0.9, top_k: 40, top_p: 0.95, max_tokens: 100 },
      pairs: { per_problem: 10, unscorable: 'drop', truncated_lose: true },
      training: expect.objectContaining({ learning_rate: 7e-7, batch_unit: 'problems' }),
      evaluation: { majority_k: 32 },
    });
  });

  it('carries the envelope over', () => {
    const more =
      'publish_as: math\nrecipe: irpo\nproblems_per_shard: 3\nscorer: exact\nbudget: { tokens: 7 }\n' +
      'policies: [{ kind: train, max_attempts: 3 }]\nselect: {}\nvalidation: { file: v.jsonl }\n';
    writeFileSync(path.join(folder, 'envelope.yaml'), RUN_FILE + more);
    expect(spec('envelope.yaml', { validation: 'problemSets/d' })).toMatchObject({
      ...{ model: 'math', recipe: 'irpo', problemsPerShard: 3, scorer: { name: 'exact' }, budget: { tokens: 7n } },
      policies: [{ kind: StepKind.TRAIN, maxAttempts: 3, deadlineSeconds: 0 }],
      validationProblemSet: 'problemSets/d',
      settings: { select: {} },
    });
  });

  it('names the datasets of demonstrations that were uploaded', () => {
    writeFileSync(path.join(folder, 'warm.yaml'), `${RUN_FILE}warm_up: [{ dataset: demos.jsonl }]\n`);
    const { settings } = spec('warm.yaml', { demonstrations: new Map([[0, 'datasets/e']]) });
    expect(settings).toMatchObject({ warm_up: [{ dataset: 'datasets/e' }] });
  });

  it('carries every number of the training over, with the loss of the paper', () => {
    const training = trainingOf(spec());
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
        preference: 'sigmoid',
        settings: { beta: 0.2, label_smoothing: 0 },
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
    const more = spec('more.yaml');
    expect(more.settings).toMatchObject({ sampling: { stop: ['\n'], stop_token_ids: [7], weights: 'int8' } });
    const loss = {
      preference: 'robust',
      settings: { beta: 0.1, label_smoothing: 0.1 },
      nllReduction: NllReduction.TOKEN_MEAN,
    };
    const lora = { rank: 8, alpha: 16, targetModules: ['q_proj'] };
    expect(trainingOf(more)).toMatchObject({ recomputeActivations: true, stopWhenChosenFalls: true, lora, loss });
  });
});
