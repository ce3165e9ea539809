import { messageOf, RunSpec, StepKind, type PartialMessage } from '@hone/contracts';
import type { HoneError } from '@hone/errors';
import { RECIPES } from '@hone/recipes';
import type { ReplicaSet } from '@hone/rpc';
import { describe, expect, it } from 'vitest';
import { checkRules } from './check-rules.ts';
import { readSpec } from './read-spec.ts';

const set = (digit: string): string => `problemSets/${digit.repeat(64)}`;
const LEAST = { baseCheckpoint: 'checkpoints/a', trainProblemSet: set('a'), testProblemSet: set('b') };
const read = (fields: PartialMessage<RunSpec> = {}) => readSpec(messageOf(RunSpec, { ...LEAST, ...fields }), RECIPES);

function broken(fields: PartialMessage<RunSpec>): string[] {
  try {
    read(fields);
    return [];
  } catch (thrown) {
    return (thrown as HoneError).violations.map(({ field }) => field);
  }
}

describe('a spec', () => {
  it('of a base and two problem sets has the default of everything else', () => {
    const { spec, settings } = read();
    expect(spec).toMatchObject({ recipe: 'irpo', recipeVersion: 1, scorer: { name: 'exact' } });
    expect(settings).toMatchObject({
      iterations: 1,
      samples_per_problem: 30,
      sampling: { temperature: 0.8, top_p: 1 },
      pairs: { rule: 'cycle' },
      training: { learning_rate: 7e-7, preference: 'sigmoid', beta: 0.1, nll_alpha: 1 },
      evaluation: { greedy: true, majority_k: 0 },
    });
    expect(spec.settings).toBe(settings);
  });

  it('has the settings of a preset behind its own, and as plain values', () => {
    const { spec } = read({ preset: 'irpo-math-70b', settings: { training: { beta: 0.2 } } });
    const training = { beta: 0.2, max_steps: 5000 };
    expect(spec).toMatchObject({ preset: '', settings: { iterations: 3, samples_per_problem: 20, training } });
    expect(readSpec(RunSpec.fromJSON(RunSpec.toJSON(spec)), RECIPES).spec).toEqual(spec);
    expect(broken({ preset: 'mine', settings: { iterations: 0 } })).toEqual([
      'spec.preset',
      'spec.settings.iterations',
    ]);
  });

  it('is its own effective spec', () => {
    const { spec } = read({ benchmark: 'math' });
    expect(readSpec(RunSpec.fromJSON(RunSpec.toJSON(spec)), RECIPES).spec).toEqual(spec);
  });

  it("is judged by its benchmark's scorer where it names none", () => {
    expect(read({ benchmark: 'math' }).spec.scorer).toMatchObject({ name: 'math' });
    expect(read({ benchmark: 'mine' }).spec.scorer).toMatchObject({ name: 'exact' });
    expect(read({ benchmark: 'math', scorer: { name: 'own' } }).spec.scorer).toMatchObject({ name: 'own' });
  });

  it('is told of every broken rule at once', () => {
    const fields = broken({
      trainProblemSet: 'problemSets/x',
      displayName: 'x'.repeat(201),
      scorer: { name: '' },
      budget: { tokens: -1n, seconds: Number.NaN },
      policies: [{ kind: StepKind.UNSPECIFIED }, { kind: StepKind.TRAIN, deadlineSeconds: -1 }],
      settings: { iterations: 0, sampling: { temperature: Number.NaN }, samples: 4 },
    });
    expect(fields.sort()).toEqual([
      'spec.budget.seconds',
      'spec.budget.tokens',
      'spec.display_name',
      'spec.policies[0].kind',
      'spec.policies[1].deadline_seconds',
      'spec.scorer.name',
      'spec.settings.iterations',
      'spec.settings.samples',
      'spec.settings.sampling.temperature',
      'spec.train_problem_set',
    ]);
  });

  it('of a recipe that is not served, or not in that version, is refused', () => {
    expect(() => read({ recipe: 'no-such-recipe' })).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => read({ recipeVersion: 7 })).toThrow(
      expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'OTHER_RECIPE_VERSION' }),
    );
  });

  it('with very many faults is answered with a few', () => {
    const policies = Array.from({ length: 10_000 }, () => ({ kind: StepKind.TRAIN, maxAttempts: -1 }));
    expect(broken({ policies }).length).toBeLessThanOrEqual(100);
  });

  it('names rules at addresses of hosts only', async () => {
    const nobody = {} as ReplicaSet;
    const rules = checkRules(nobody, read({ settings: { pairs: { rule: 'mine', address: 'unix:/x' } } }).settings);
    await expect(rules).rejects.toMatchObject({ violations: [{ field: 'spec.settings.pairs.address' }] });
  });
});
