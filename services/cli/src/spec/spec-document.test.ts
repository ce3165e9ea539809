import { messageOf, RunSpec } from '@hone/contracts';
import { findRecipe, settingsOf, UPLOAD_KEYS } from '@hone/recipes';
import { describe, expect, it } from 'vitest';
import { specOf } from '../run/create-run.ts';
import { checkRunFile } from './run-file.ts';
import { changedSpec, specDocument, specText } from './spec-document.ts';
import { readSetting, type Setting } from './settings.ts';

const PROBLEMS = { benchmark: 'jsonl', checkpoint: '00000000', train: { file: 'a' }, test: { file: 'a' } };
const SETS = { train: 'problemSets/a', test: 'problemSets/b', validation: 'problemSets/c' };

/** The spec of a file with these keys, as the orchestrator keeps it: with every setting. */
function specFrom(keys: object): RunSpec {
  const run = checkRunFile({ ...keys, ...PROBLEMS }, { file: 'x', folder: '.' });
  const spec = messageOf(RunSpec, specOf(run, { checkpoint: 'checkpoints/a', ...SETS }));
  return { ...spec, recipe: 'irpo', recipeVersion: 1, settings: settingsOf(findRecipe('irpo'), spec.settings, 'x') };
}

/** The keys of a document that a run file may have, too. */
const runKeysOf = (spec: RunSpec): object =>
  Object.fromEntries(Object.entries(specDocument(spec)).filter(([key]) => !UPLOAD_KEYS.includes(key as never)));

const LEAST = {
  samples_per_problem: 4,
  sampling: { max_tokens: 16 },
  pairs: { per_problem: 2 },
  training: { learning_rate: 1e-4 },
  evaluation: {},
};
/** Every key with a value that is not its default. */
const ALL = {
  ...{ name: 'mine', publish_as: 'math', iterations: 3, problems_per_iteration: 7, samples_per_problem: 8 },
  scorer: {
    rule: 'weighted_mean',
    threshold: 0.5,
    scorers: [
      { name: 'a', address: 'host:1', config: { x: 'y' }, tls: { server_name: 'z' }, timeout_ms: 9, weight: 2 },
      'math',
    ],
  },
  sampler: { address: 'a:1, b:2', tls: { server_name: 'c' } },
  ...{ trainer: 'd:3', evaluator: { address: 'e:4' } },
  sampling: {
    ...{ temperature: 0.9, top_k: 40, top_p: 0.95, max_tokens: 100 },
    ...{ stop: ['\n'], stop_token_ids: [3], weights: 'int8' },
  },
  pairs: { per_problem: 4, unscorable: 'drop', truncated_lose: true },
  training: {
    ...{ learning_rate: 7e-7, batch_size: 4, batch_unit: 'problems', epochs: 2, max_steps: 9, warmup_steps: 3 },
    ...{ schedule: 'linear', weight_decay: 0.01, max_grad_norm: 0.5, max_length: 300, preference: 'robust', beta: 0.2 },
    ...{ label_smoothing: 0.1, nll_alpha: 0.5, nll_reduction: 'TOKEN_MEAN', recompute_activations: true },
    ...{ stop_when_chosen_falls: true, lora: { rank: 4, alpha: 8, target_modules: ['q_proj'] } },
  },
  evaluation: { greedy: false, max_tokens: 50, majority_k: 32, majority_temperature: 0.7 },
  validation: { file: 'b' },
  select: { metric: 'majority', patience: 2, min_improvement: 0.01 },
  schedule: [
    { from_iteration: 2, temperature: 1.1, samples_per_problem: 6, pairs_per_problem: 3, learning_rate: 1e-7 },
    { from_iteration: 3, loss: { preference: 'ipo', beta: 0.3 } },
  ],
  budget: { tokens: 1_000_000, seconds: 60, disk_bytes: 10_000 },
  policies: [{ kind: 'train', max_attempts: 3, deadline_seconds: 30 }],
  warm_up: [{ dataset: `datasets/${'a'.repeat(64)}`, target_accuracy: 0.5, training: { max_steps: 3 } }],
  ...{ problems_per_shard: 5, seed: 11 },
};
const set = (...texts: string[]): Setting[] => texts.reduce<Setting[]>((all, text) => readSetting(text, all), []);

describe('a spec as a run file', () => {
  it.each([
    ['least', LEAST],
    ['all', ALL],
  ])('says all that the file with the %s keys said', (_, keys) => {
    const spec = specFrom(keys);
    const again = specFrom({ ...runKeysOf(spec), ...('validation' in keys && { validation: keys.validation }) });
    expect(RunSpec.toJSON(again)).toEqual(RunSpec.toJSON(spec));
  });
});

it('a spec for people has the keys of a run file, and short names', () => {
  const text = specText(RunSpec.fromPartial({ ...specFrom(LEAST), trainProblemSet: `problemSets/${'a'.repeat(64)}` }));
  expect(text).toContain('train: problemSets/aaaaaaaaaaaa\n');
  expect(text).toMatch(/^training:\n {2}learning_rate: 0\.0001$/m);
  expect(text).toMatch(/^samples_per_problem: 4$/m);
});

describe('a fork', () => {
  const spec = specFrom(ALL);

  it('has the spec of its run, but for the keys that are set, as YAML types them', () => {
    const changed = changedSpec(
      spec,
      set(
        ...['training.learning_rate=1e-6', 'sampling.stop=["a", b]', 'name=second try', 'iterations=2'],
        ...['training.preference=dpo', 'training.label_smoothing=0', 'schedule=[]', 'sampling.weights=fp32', 'seed=12'],
      ),
    );
    const { sampling, training, ...settings } = spec.settings!;
    expect(changed).toEqual({
      ...spec,
      ...{ displayName: 'second try', seed: 12n },
      settings: {
        ...{ ...settings, iterations: 2, schedule: [] },
        sampling: { ...sampling, stop: ['a', 'b'], weights: 'fp32' },
        training: { ...training, learning_rate: 1e-6, preference: 'dpo', label_smoothing: 0 },
      },
    });
  });

  it('keeps what no run file can say', () => {
    const seed = 2n ** 64n - 1n;
    const changed = changedSpec({ ...spec, seed }, set('pairs.per_problem=1'));
    expect(changed).toMatchObject({ seed, settings: { pairs: { per_problem: 1, unscorable: 'drop' } } });
    expect(specText({ ...spec, seed })).toContain(`seed: "${seed}"`);
  });

  it('of a recipe that only the orchestrator knows has its settings checked there', () => {
    const other = { ...spec, recipe: 'mine', settings: { own: { key: 1 } } };
    expect(changedSpec(other, set('own.key=2', 'seed=3'))).toMatchObject({ seed: 3n, settings: { own: { key: 2 } } });
  });

  it('an element of a list is named by its number', () => {
    expect(changedSpec(spec, set('schedule.0.temperature=1.2')).settings!['schedule'][0]).toMatchObject({
      ...{ temperature: 1.2, samples_per_problem: 6 },
    });
  });

  it.each([
    ['iteration=4', /iteration: is no setting \(did you mean iterations\?\)/],
    ['training.lr=1', /training\.lr: is no setting/],
    ['learning_rate=1e-6', /learning_rate: is no setting \(did you mean training\.learning_rate\?\)/],
    ['training.optimizer.learningRate=1e-6', /training\.optimizer: is no setting/],
    ['training.learningRate=1e-6', /did you mean training\.learning_rate\?/],
    ['sampling.temprature=1', /did you mean sampling\.temperature\?/],
    ['sampling.temperature=hot', /sampling\.temperature: must be a number/],
    ['iterations=3', /iterations has this value already/],
    ['train.count=5', /train\.count cannot be changed in a fork/],
    ['benchmark=math', /benchmark cannot be changed in a fork/],
    ['iterations.x=5', /stands below something that has no keys/],
    ['constructor.x=5', /constructor: is no setting/],
    ['__proto__.x=5', /__proto__: is no setting/],
  ])('--set %s is refused', (text, message) => {
    expect(() => changedSpec(spec, set(text))).toThrow(message);
  });

  it('what is no key=value, or no YAML, is refused', () => {
    for (const text of ['iterations', '=3', 'a..b=1', 'a=[1', 'a b=1']) expect(() => set(text)).toThrow();
  });
});
