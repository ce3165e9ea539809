import { afterEach, describe, expect, it, vi } from 'vitest';
import { Output } from './output.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What is written to stdout and stderr meanwhile. */
function written(work: () => void): { stdout: string; stderr: string } {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => ((texts[name] += String(text)), true));
  work();
  vi.restoreAllMocks();
  return texts;
}

describe('output', () => {
  const say = (json: boolean) => () => {
    const output = new Output(json);
    output.line('working');
    output.result({ answer: 42 }, () => 'the answer is 42');
  };

  it('for programs is one JSON document on stdout, with everything else on stderr', () => {
    const { stdout, stderr } = written(say(true));
    expect(JSON.parse(stdout)).toEqual({ answer: 42 });
    expect(stderr).toBe('working\n');
  });

  it('for people is text on stdout', () => {
    expect(written(say(false))).toEqual({ stdout: 'working\nthe answer is 42\n', stderr: '' });
  });
});

it('a result whose lines mean something is not broken at the end of the terminal', () => {
  vi.stubEnv('COLUMNS', '20');
  const row = '| a long row | of a table | in Markdown |';
  const kept = written(() => new Output(false).result({}, () => row, { keepLines: true }));
  expect(kept.stdout).toBe(`${row}\n`);
  expect(written(() => new Output(false).result({}, () => row)).stdout.split('\n').length).toBeGreaterThan(2);
});
