/** The scorers of examples/ in other languages: each is built as its README says, checked by the conformance kit, and used. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ExampleServers, hasPython, HONE, PROTOS, python, pythonContracts, ROOT, whyNoPython } from './examples.ts';
import { buildServices } from './platform.ts';

const servers = new ExampleServers();
let folder: string;
beforeAll(async () => {
  await buildServices();
  folder = mkdtempSync(path.join(tmpdir(), 'hone-scorers-'));
});
afterEach(() => servers.stop());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the conformance kit and scores a file. */
function use(address: string): void {
  const check = spawnSync(process.execPath, [HONE, 'scorer', 'check', address], { encoding: 'utf8' });
  expect(check.stdout + check.stderr).toMatch(/ passed, 0 failed/);
  expect(check.status).toBe(0);
  const input = path.join(folder, 'answers.jsonl');
  const items = [
    { id: 'right', completion: '😀 so it is 1,000.\nFinal answer: 1,000.5', gold: '1000.5' },
    { id: 'wrong', completion: 'Final answer: 7', gold: '8' },
    { id: 'open', completion: 'Who knows?', gold: '8' },
    { id: 'cut', completion: 'It is', gold: '8', finish_reason: 'length' },
  ];
  writeFileSync(input, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  const flags = ['score', '--scorer', 'final-number', '--address', address, '--input', input, '--json'];
  const output = execFileSync(process.execPath, [HONE, ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const verdicts = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; state: string; score?: number; span?: object });
  const states = Object.fromEntries(verdicts.map(({ id, state, score }) => [id, [state, score ?? 0]]));
  expect(states).toMatchObject({
    right: [expect.stringMatching(/SCORED/), 1],
    wrong: [expect.stringMatching(/SCORED/), 0],
    open: [expect.stringMatching(/UNSCORABLE/), 0],
    cut: [expect.stringMatching(/TRUNCATED/), 0],
  });
  // Behind an emoji, which is two UTF-16 code units.
  expect(verdicts[0]!.span).toEqual({ start: 33, end: 40 });
}

describe(`the example in Python${whyNoPython}`, () => {
  it.skipIf(!hasPython)('keeps the contract of a scorer', { timeout: 120_000 }, async () => {
    const source = path.join(ROOT, 'examples/extensions/scorer/python');
    const env = pythonContracts(folder, ['scorer', 'types']);
    use(await servers.start(python, ['server.py'], { cwd: source, env }));
  });
});

// Without the network: what is not on this machine yet is not fetched by a test.
const goEnvironment = { ...process.env, GOPROXY: 'off', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
const goProbe = ['list', '-tags', 'tools', '-deps', './...'];
const hasGo = (): boolean => {
  const cwd = path.join(ROOT, 'examples/extensions/scorer/go');
  const listed = spawnSync('go', goProbe, { cwd, env: goEnvironment, encoding: 'utf8' });
  // The generated code is not there yet, which is all that may be missing.
  const missing = (listed.stderr ?? 'no go')
    .split('\n')
    .filter((line) => line.trim() && !line.includes('final-number/gen'));
  return listed.error === undefined && !missing.some((line) => /GOPROXY=off|cannot find|no go/.test(line));
};
const goIsThere = hasGo();
const whyNoGo = goIsThere
  ? ''
  : ' (skipped: no go, or its modules are not in the cache: run `go mod download` there once)';

describe(`the example in Go${whyNoGo}`, () => {
  it.skipIf(!goIsThere)('keeps the contract of a scorer', { timeout: 300_000 }, async () => {
    const cwd = path.join(folder, 'go');
    cpSync(path.join(ROOT, 'examples/extensions/scorer/go'), cwd, {
      recursive: true,
      filter: (file) => !file.endsWith('/gen'),
    });
    const manifest = createRequire(import.meta.url).resolve('@bufbuild/buf/package.json');
    const buf = path.join(path.dirname(manifest), 'bin/buf');
    const paths = ['scorer', 'types'].flatMap((name) => ['--path', path.join(PROTOS, 'hone', name)]);
    execFileSync(process.execPath, [buf, 'generate', PROTOS, '--template', 'buf.gen.yaml', ...paths], {
      cwd,
      env: goEnvironment,
    });
    execFileSync('go', ['build', '-o', 'scorer', '.'], { cwd, env: goEnvironment });
    use(await servers.start('./scorer', [], { cwd, env: process.env }));
  });
});
