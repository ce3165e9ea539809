import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { allowedFlags, allowRules, allowScorer, allowServices } from './allowed.ts';
import type { Home } from './home.ts';

let home: Home;
beforeEach(() => {
  home = { root: mkdtempSync(path.join(tmpdir(), 'hone-allowed-')) } as Home;
});
afterEach(() => rmSync(home.root, { recursive: true }));

it('what a run file names may be reached by the services that call it, and by no other', () => {
  allowScorer(home, { name: 'mine', address: 'scorers.example:1' });
  allowScorer(home, { name: 'llm-judge', config: { endpoint: 'https://judge.example/v1' } });
  allowRules(home, { pairs: { rule: 'mine', address: 'rules.example:2' }, stages: [{ rule: 'cycle', address: '' }] });
  allowServices(home, {
    sampler: { address: 'a.example:3,b.example:3', tls: { rootCertificateFile: '/ca.pem' } },
    evaluator: { address: 'c.example:4' },
  });
  const called = ['--allow-scorers', 'scorers.example:1', '--allow-samplers', 'a.example:3,b.example:3'];
  const files = ['--certificates', '/ca.pem'];
  expect(allowedFlags('evaluator', home)).toEqual([...called, ...files]);
  expect(allowedFlags('orchestrator', home)).toEqual([...called, '--allow-evaluators', 'c.example:4', ...files]);
  expect(allowedFlags('scorer', home)).toEqual(['--allow-judges', 'judge.example:443']);
  expect(allowedFlags('pair-builder', home)).toEqual(['--allow-rules', 'rules.example:2']);
  expect(allowedFlags('sampler', home)).toEqual([]);
});

it('what was named before stays, and is noted once', () => {
  for (const address of ['a.example:1', 'b.example:1', 'a.example:1'])
    allowRules(home, { pairs: { rule: 'mine', address } });
  expect(allowedFlags('pair-builder', home)).toEqual(['--allow-rules', 'a.example:1,b.example:1']);
});
