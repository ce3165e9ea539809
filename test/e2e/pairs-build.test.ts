/** `hone pairs build`: rules over a file, as people and oracles call it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HONE } from './examples.ts';
import { buildServices } from './platform.ts';

let folder: string;
beforeAll(async () => {
  await buildServices();
  folder = mkdtempSync(path.join(tmpdir(), 'hone-pairs-'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pairs(lines: readonly object[], ...flags: string[]) {
  const input = path.join(folder, 'in.jsonl');
  writeFileSync(input, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const command = ['--home', path.join(folder, 'home'), 'pairs', 'build', '--input', input, ...flags];
  const { status, stdout, stderr } = spawnSync(process.execPath, [HONE, ...command], { encoding: 'utf8' });
  return {
    status,
    stdout,
    stderr,
    rows: () =>
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
  };
}

const LINES = Array.from({ length: 40 }, (_, at) => ({
  id: `p${at}`,
  solution: `the way of ${at}`,
  completions: [1, 0, 0, 0].map((score, index) => ({ text: `text ${at} ${index}`, score, log_prob: -index })),
}));

it('gives a line each pair, with its rule, and the report last', { timeout: 120_000 }, () => {
  const stages = [
    { rule: 'gold-chains' },
    { rule: 'hardest-negatives', per_problem: 1 },
    { rule: 'cycle', per_problem: 2 },
  ];
  const set = ['--rule', 'combine', '--seed', '3', '--set', `stages=${JSON.stringify(stages)}`, '--json'];
  const made = pairs(LINES, ...set);
  expect(made.status).toBe(0);
  const rows = made.rows();
  const { report } = rows.pop() as { report: { pairs: number; pairs_by_rule: object } };
  expect(rows).toHaveLength(report.pairs);
  expect(report).toMatchObject({
    rule: 'combine/1',
    problems: 40,
    yield: 1,
    pairs_by_rule: { 'hardest-negatives': 40 },
  });
  const hardest = (rows as { rule: string; rejected: number }[]).filter(({ rule }) => rule === 'hardest-negatives');
  expect(new Set(hardest.map(({ rejected }) => rejected))).toEqual(new Set([1]));
  expect(pairs(LINES, ...set).stdout).toBe(made.stdout);
});

it('has a limit in all, and names what is wrong by option and line', { timeout: 120_000 }, () => {
  const few = pairs(LINES, '--rule', 'cycle', '--most-in-all', '50', '--json');
  expect(few.rows()).toHaveLength(51);
  const settings = pairs(LINES, '--rule', 'cycle', '--set', 'per_problem=0');
  expect(settings).toMatchObject({ status: 1, stderr: expect.stringMatching(/--set per_problem: must be at least 1/) });
  const line = pairs([...LINES, { completions: [{ score: 1 }] }], '--rule', 'cycle');
  expect(line).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/in\.jsonl:41 completions\[0\] text: must be set/),
  });
});
