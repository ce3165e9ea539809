import { dataLoss, invalidArgument, notFound } from '@hone/errors';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeError, Output, shortName } from './output.ts';
import { reasonIn } from './processes.ts';

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

describe('an error', () => {
  it('is one line that names the field or the file', () => {
    expect(describeError(invalidArgument('pairs.per_problem', 'must be at least 1'))).toBe(
      'error: pairs.per_problem: must be at least 1',
    );
    expect(describeError(dataLoss('model.safetensors', 'is truncated'))).toBe('error: model.safetensors: is truncated');
  });

  it('of something that is not there says what lists those that are', () => {
    expect(describeError(notFound('runs/x', 'ListRuns lists them'))).toMatch(
      /^error: runs\/x not found: .* \(hone .*runs list\)$/,
    );
    expect(describeError(notFound('file.json', 'check the path'))).toBe('error: file.json not found: check the path');
  });

  it('of no known kind is told as a defect, still in one line', () => {
    vi.stubEnv('HONE_DEBUG', '');
    expect(describeError(new TypeError('x is undefined'))).toMatch(/^error: x is undefined \(this is a defect.*\)$/);
  });

  it('shows its stack where that is asked for', () => {
    vi.stubEnv('HONE_DEBUG', '1');
    expect(describeError(new TypeError('x is undefined'))).toMatch(/\n\s+at /);
  });
});

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

it('a long name is shortened, a short one is left', () => {
  expect(shortName(`checkpoints/${'ab'.repeat(32)}`)).toBe('checkpoints/abababababab');
  expect(shortName('runs/20260101-000000-abcdef')).toBe('runs/20260101-000000-abcdef');
});

describe("the reason of a service's end", () => {
  it('is the error that it stated, without its own name', () => {
    const log = '{"message":"starting"}\nerror: pair-builder: 127.0.0.1:1 is in use\n';
    expect(reasonIn(log, 'a.log')).toBe('127.0.0.1:1 is in use (log: a.log)');
  });

  it('is its last messages where it stated none', () => {
    expect(reasonIn('{"message":"listening"}\nAborted\n', 'a.log')).toBe('listening | Aborted (log: a.log)');
  });
});

it('a result whose lines mean something is not broken at the end of the terminal', () => {
  vi.stubEnv('COLUMNS', '20');
  const row = '| a long row | of a table | in Markdown |';
  const kept = written(() => new Output(false).result({}, () => row, { keepLines: true }));
  expect(kept.stdout).toBe(`${row}\n`);
  expect(written(() => new Output(false).result({}, () => row)).stdout.split('\n').length).toBeGreaterThan(2);
});
