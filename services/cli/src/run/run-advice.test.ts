import { messageOf, Run, ServiceWait, type PartialMessage, type RunFailure } from '@hone/contracts';
import { describe, expect, it } from 'vitest';
import { adviceOf } from './run-advice.ts';
import { waitLine } from './watch.ts';

const failed = (failure: PartialMessage<RunFailure>): Run =>
  messageOf(Run, {
    name: 'runs/r1',
    failure,
    spec: { settings: { samples_per_problem: 8, sampling: { temperature: 0.8, max_tokens: 64 } } },
  });
const noPairs = (metadata: Record<string, string>, iteration = 1): string =>
  adviceOf(failed({ code: 'FAILED_PRECONDITION', reason: 'NO_PAIRS', metadata, iteration }));

describe('the advice on a failed run', () => {
  it('without pairs is a changed run, since a resume changes no settings, and a look at the samples', () => {
    const advice = noPairs({ correct: '0', wrong: '48', unscorable: '0', truncated: '0' });
    expect(advice).toContain('hone runs fork runs/r1 --set samples_per_problem=16');
    expect(advice).toContain('hone runs samples runs/r1');
    expect(advice).not.toContain('resume runs');
  });

  it('is to allow more tokens where most completions were cut off, and more chance where all are right', () => {
    expect(noPairs({ wrong: '3', truncated: '45' })).toContain('--set sampling.max_tokens=128');
    expect(noPairs({ correct: '48' })).toContain('--set sampling.temperature=1.2');
  });

  it('of a later iteration starts from the checkpoint before it', () => {
    expect(noPairs({ wrong: '48' }, 3)).toContain('hone runs fork runs/r1 --iteration 2 --set');
  });

  it('of any other failure is to go on with it', () => {
    expect(adviceOf(failed({ code: 'INTERNAL', reason: 'INTERNAL' }))).toMatch(/mend the cause.*runs resume runs\/r1$/);
    expect(adviceOf(failed({ reason: 'BUDGET_EXCEEDED' }))).toContain('--max-tokens');
    expect(adviceOf(failed({ reason: 'WARM_UP_TARGET_MISSED' }))).toContain('runs fork runs/r1 --set KEY=VALUE');
  });
});

describe('the line on a service that is away', () => {
  const wait = { service: 'scorer', address: '127.0.0.1:5999', attempt: 4, nextTrySeconds: 8 };
  it('says which, where, and when it is called again', () => {
    const silent = messageOf(ServiceWait, { ...wait, code: 'UNAVAILABLE', reason: 'UNAVAILABLE', message: 'refused' });
    expect(waitLine(silent)).toBe('scorer 127.0.0.1:5999 does not answer, try 4, next in 8 s');
  });
  it('says why, where it did answer', () => {
    const restarted = { code: 'UNAVAILABLE', reason: 'SERVICE_RESTARTED', message: 'it was restarted' };
    expect(waitLine(messageOf(ServiceWait, { ...wait, ...restarted, nextTrySeconds: 0.25 }))).toBe(
      'scorer 127.0.0.1:5999 failed (it was restarted), try 4, next in 0.3 s',
    );
  });
});
