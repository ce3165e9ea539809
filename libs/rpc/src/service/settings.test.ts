import { expect, test } from 'vitest';
import { helpOf } from './help.ts';
import { parseFlags, readSettings } from './options.ts';
import { ROLES } from './roles.ts';
import { ALL_SETTINGS } from './settings.ts';
import { environmentOf } from './variables.ts';

test('a flag goes before its variable, the variable before the default, and an empty variable is none', () => {
  const threads = (argv: string[], environment: NodeJS.ProcessEnv) =>
    readSettings('sampler', parseFlags(argv), environment).threads;
  expect(threads(['--threads', '3'], { HONE_THREADS: '2' })).toBe(3);
  expect(threads([], { HONE_THREADS: '2' })).toBe(2);
  expect(threads([], { HONE_THREADS: '' })).toBe(threads([], {}));
  expect(readSettings('orchestrator', {}, { HONE_PAIR_BUILDER_ADDRESS: 'a:1' }).peers['pair-builder']).toBe('a:1');
  expect(readSettings('orchestrator', {}, { DATABASE_URL: '' }).databaseUrl).toBeUndefined();
});

test('what cannot be meant is refused by the name under which it was said', () => {
  const read = (argv: string[], environment: NodeJS.ProcessEnv = {}) =>
    readSettings('orchestrator', parseFlags(argv), environment);
  expect(() => read(['--max-runs', '0'])).toThrow('--max-runs: must be a whole number of at least 1, but is "0"');
  expect(() => read(['--max-runs', '1e3'])).toThrow('--max-runs');
  expect(() => read([], { HONE_MAX_RUNS: 'many' })).toThrow('HONE_MAX_RUNS: must be a whole number');
  expect(() => read(['--drain-ms', '99999999999'])).toThrow('--drain-ms: must be a whole number from 1 to 86400000');
  expect(() => read([], { HONE_RESUME_RUNS: 'yes' })).toThrow(
    'HONE_RESUME_RUNS: must be one of true, false, but is "yes"',
  );
  expect(() => read([], { HONE_LOG_LEVEL: 'loud' })).toThrow('HONE_LOG_LEVEL: must be one of trace, debug');
  expect(() => read(['--stoer', 'x'])).toThrow(/--stoer.*known: --address/);
});

test('help names every flag and variable that a service reads, with its default, within 80 characters', () => {
  for (const role of ROLES) {
    const help = helpOf(role);
    for (const { flag, variable, roles } of ALL_SETTINGS) {
      expect(help.includes(variable), `${role} ${variable}`).toBe(roles.includes(role));
      if (flag !== undefined) expect(help.includes(`--${flag} `), `${role} --${flag}`).toBe(roles.includes(role));
    }
    expect(help.match(/\(default:\s[^)]+\)/g)!.length).toBe(
      ALL_SETTINGS.filter(({ roles }) => roles.includes(role)).length,
    );
    for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  }
});

test('a service inherits what it reads and its surroundings, and no secret of another', () => {
  const environment = {
    PATH: '/bin',
    LC_ALL: 'C.UTF-8',
    HONE_THREADS: '2',
    HF_TOKEN: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    HONE_JUDGE_A: 'x',
    DATABASE_URL: 'postgresql://x',
    PGSSLMODE: 'require',
    https_proxy: 'http://x',
    SOMETHING_ELSE: 'x',
  };
  const names = (role: (typeof ROLES)[number], from: NodeJS.ProcessEnv = environment) =>
    Object.keys(environmentOf(role, from)).sort();
  const common = ['LC_ALL', 'PATH'];
  expect(names('pair-builder')).toEqual(['AWS_SECRET_ACCESS_KEY', ...common]);
  expect(names('scorer')).toEqual(['HONE_JUDGE_A', 'HONE_THREADS', ...common, 'https_proxy']);
  expect(names('sampler')).toEqual(['AWS_SECRET_ACCESS_KEY', 'HONE_THREADS', ...common]);
  expect(names('orchestrator')).toEqual(['AWS_SECRET_ACCESS_KEY', 'DATABASE_URL', 'LC_ALL', 'PATH', 'PGSSLMODE']);
  expect(names('orchestrator', { ...environment, DATABASE_URL: '' })).not.toContain('PGSSLMODE');
});
