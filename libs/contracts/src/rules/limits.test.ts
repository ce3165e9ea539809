/** Whatever a number's type can hold may stand in a spec: what no service can do is refused by the field's name. */
import { HoneError } from '@hone/errors';
import { describe, expect, test } from 'vitest';
import { EvaluationSpec } from '../generated/hone/evaluator/v1/evaluator.ts';
import { TrainingSpec } from '../generated/hone/types/v1/loss.ts';
import { CombinationRule, ScorerRef } from '../generated/hone/types/v1/verdict.ts';
import { checkEvaluationSpec, checkSampling } from './evaluation-rules.ts';
import { checkScorerRef } from './scorer-rules.ts';
import { isHostPort } from './server-rules.ts';
import { checkTrainingSpec } from './training-rules.ts';
import { Violations } from './violations.ts';

function fieldsOf(check: (violations: Violations) => void): string[] {
  const violations = new Violations();
  check(violations);
  try {
    violations.throwIfAny();
    return [];
  } catch (thrown) {
    return (thrown as HoneError).violations.map(({ field }) => field);
  }
}

const sampling = { temperature: 1, topP: 1, maxTokens: 8 };
const evaluation = { greedy: true, maxTokens: 8, majority: { k: 2, samples: 4, alsoAt: [1], sampling } };
const training = {
  loss: { version: 1, preference: 'sigmoid' },
  optimizer: { learningRate: 1e-4 },
  lora: { rank: 2, alpha: 4 },
  epochs: 1,
  batchSize: 2,
};
const scorer = { name: 'gsm8k' };

/** Every path of a number in a message. */
function numbersIn(value: object, path: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, part]) => {
    const at = [...path, key];
    if (typeof part === 'number') return [at];
    return typeof part === 'object' && part !== null ? numbersIn(part as object, at) : [];
  });
}

function withNumber(value: object, [key, ...rest]: readonly string[], number: number): object {
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value };
  copy[key!] = rest.length === 0 ? number : withNumber(copy[key!] as object, rest, number);
  return copy;
}

/** Where the largest int32 is a meaning of its own, or where a rule on other fields decides. */
const UNBOUNDED = new Set(['limit', 'version']);
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const cases: [string, object, (message: object) => string[]][] = [
  [
    'sampling',
    EvaluationSpec.fromJSON({ majority: { sampling } }).majority!.sampling!,
    (message) => fieldsOf((violations) => checkSampling(message as never, 'x', violations)),
  ],
  [
    'evaluation',
    EvaluationSpec.fromJSON(evaluation),
    (message) => fieldsOf((violations) => checkEvaluationSpec(message as never, 'x', violations)),
  ],
  [
    'training',
    TrainingSpec.fromJSON(training),
    (message) => fieldsOf((violations) => checkTrainingSpec(message as never, 'groups', 'x', violations)),
  ],
  [
    'a scorer',
    ScorerRef.fromJSON(scorer),
    (message) => fieldsOf((violations) => checkScorerRef(message as never, 'x', violations)),
  ],
];

describe.each(cases)('%s', (_, message, check) => {
  const paths = numbersIn(message).filter((path) => !UNBOUNDED.has(path.at(-1)!));

  test('passes as it is', () => expect(check(message)).toEqual([]));

  test.each(paths.map((path) => [path.map(snake).join('.'), path] as const))('%s is bounded', (name, path) => {
    const field = name.replace(/\.\d+$/, '');
    for (const number of [2 ** 31 - 1, -(2 ** 31), Number.NaN, Number.POSITIVE_INFINITY]) {
      const fields = check(withNumber(message, path, number));
      expect(fields, `${name} = ${number}`).toContain(`x.${field}`);
    }
  });
});

test('an address is a host and a port, and nothing that a resolver reads otherwise', () => {
  for (const address of ['localhost:50052', '127.0.0.1:1', 'scorer.example:65535', '[::1]:50052'])
    expect(isHostPort(address), address).toBe(true);
  for (const address of [
    'unix:/run/x:1',
    'dns://8.8.8.8/host:1',
    'xds:///a:1',
    'host:0',
    'host:65536',
    'a b:1',
    'host',
    '::1:1',
  ])
    expect(isHostPort(address), address).toBe(false);
});

test('lists and texts are bounded, and a request with a million faults is answered with a few', () => {
  const many = ScorerRef.fromPartial({
    combination: {
      rule: CombinationRule.ALL,
      scorers: Array.from({ length: 100_000 }, () => ({ name: '', timeoutMs: -1, config: { a: 'x'.repeat(10) } })),
    },
  });
  const fields = fieldsOf((violations) => checkScorerRef(many, 'x', violations));
  expect(fields).toContain('x.combination.scorers');
  expect(fields.length).toBeLessThanOrEqual(100);
  const long = ScorerRef.fromPartial({ name: 'x'.repeat(201), config: { template: 'x'.repeat(100_001) } });
  expect(fieldsOf((violations) => checkScorerRef(long, 'x', violations))).toEqual(['x.name', 'x.config.template']);
});
