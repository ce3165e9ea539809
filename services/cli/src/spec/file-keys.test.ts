import { HoneError, invalidArgument } from '@hone/errors';
import { describe, expect, it } from 'vitest';
import { byFileKeys, namedByFileKeys } from './file-keys.ts';

describe('fields of a spec', () => {
  it.each([
    ['spec.settings.pairs.per_problem: must be at most 1', 'pairs.per_problem: must be at most 1'],
    ['spec.settings.schedule[0].pairs_per_problem: x', 'schedule[0].pairs_per_problem: x'],
    ['spec.display_name: a; spec.model: b; spec.seed: c', 'name: a; publish_as: b; seed: c'],
    ['spec.base_checkpoint: a; spec.validation_problem_set: b', 'checkpoint: a; validation: b'],
    ['spec.budget.disk_bytes: a; spec.policies[1].kind: b', 'budget.disk_bytes: a; policies[1].kind: b'],
    [
      'Lower training.optimizer.learning_rate, or raise training.loss.nll_alpha',
      'Lower training.learning_rate, or raise training.nll_alpha',
    ],
    ['nothing of the spec.', 'nothing of the spec.'],
  ])('%s', (text, named) => {
    expect(byFileKeys(text)).toBe(named);
  });

  it('of a refused request are named by the keys of a run file; another error stays as it is', async () => {
    const refused = namedByFileKeys(Promise.reject(invalidArgument('spec.settings.pairs.per_problem', 'must be less')));
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'pairs.per_problem: must be less',
    });
    const gone = HoneError.received({ code: 'UNAVAILABLE', reason: 'UNAVAILABLE', message: 'spec.x' });
    await expect(namedByFileKeys(Promise.reject(gone))).rejects.toBe(gone);
  });
});
