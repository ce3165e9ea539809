import { expect, test } from 'vitest';
import { RunSpec, StepKind } from './generated/hone/orchestrator/v1/orchestrator.ts';
import { messageOf } from './partial.ts';
import { envelopeFields, envelopeKeysOf, nameOfKind } from './spec-envelope.ts';

const KEYS = {
  ...{
    display_name: 'a',
    recipe: 'irpo',
    recipe_version: 1,
    preset: 'p',
    benchmark: 'b',
    model: 'm',
    problems_per_shard: 3,
  },
  ...{ base_checkpoint: 'c', train_problem_set: 'd', validation_problem_set: 'e', test_problem_set: 'f' },
  budget: { tokens: 1, seconds: 2.5, disk_bytes: 3 },
  sampler: { address: 'g:1,h:2', tls: { root_certificate_file: 'i' } },
  trainer: { address: 'j:3', tls: { server_name: 'k' } },
  evaluator: { address: 'l:4' },
  policies: [{ kind: 'train', max_attempts: 2, deadline_seconds: 0.5 }],
};

test('a spec says what its keys say', () => {
  expect(envelopeKeysOf(messageOf(RunSpec, envelopeFields(KEYS)))).toEqual(KEYS);
});

test('a server is an address alone, or with TLS whose files lie where they are said to', () => {
  const given = { sampler: 'a:1', trainer: { address: 'b:2', tls: true }, evaluator: KEYS.sampler } as const;
  const { sampler, trainer, evaluator } = envelopeFields(given, (file) => `/beside/${file}`);
  const none = { rootCertificateFile: '', clientCertificateFile: '', clientKeyFile: '', serverName: '' };
  expect(sampler).toEqual({ address: 'a:1' });
  expect(trainer).toEqual({ address: 'b:2', tls: none });
  expect(evaluator).toEqual({ address: 'g:1,h:2', tls: { ...none, rootCertificateFile: '/beside/i' } });
});

test('keys that are left out are fields that are not set', () => {
  expect(messageOf(RunSpec, envelopeFields({}))).toEqual(RunSpec.fromPartial({}));
});

test('kinds of steps are called by small letters', () => {
  expect(nameOfKind(StepKind.BUILD)).toBe('build');
});
