import { describe, expect, it } from 'vitest';
import { reasonIn } from './processes.ts';

describe("the reason of a service's end", () => {
  it('is the error that it stated, without its own name', () => {
    const log = '{"message":"starting"}\nerror: pair-builder: 127.0.0.1:1 is in use\n';
    expect(reasonIn(log, 'a.log')).toBe('127.0.0.1:1 is in use (log: a.log)');
  });

  it('is its last messages where it stated none', () => {
    expect(reasonIn('{"message":"listening"}\nAborted\n', 'a.log')).toBe('listening | Aborted (log: a.log)');
  });
});
