import { describe, expect, it } from 'vitest';
import { ROLES, type Role } from '@hone/rpc';
import { Home, type OwnParts } from './home.ts';
import { ownFlags, reasonIn } from './processes.ts';

describe("the reason of a service's end", () => {
  it('is the error that it stated, without its own name', () => {
    const log = '{"message":"starting"}\nerror: pair-builder: 127.0.0.1:1 is in use\n';
    expect(reasonIn(log, 'a.log')).toBe('127.0.0.1:1 is in use (log: a.log)');
  });

  it('is its last messages where it stated none', () => {
    expect(reasonIn('{"message":"listening"}\nAborted\n', 'a.log')).toBe('listening | Aborted (log: a.log)');
  });
});

describe('the flags of parts that are not Hone’s', () => {
  const own = { recipes: '/r', engines: '/e', samplingEngine: 'mine', trainingEngine: 'theirs' };
  const flagsOf = (role: Role, given: OwnParts = own) => ownFlags(role, new Home('home', undefined, given));

  it('go to the services that have such parts', () => {
    expect(flagsOf('orchestrator')).toEqual(['--recipes', '/r']);
    expect(flagsOf('sampler')).toEqual(['--engines', '/e', '--engine', 'mine']);
    expect(flagsOf('trainer')).toEqual(['--engines', '/e', '--engine', 'theirs']);
    expect(flagsOf('scorer')).toEqual([]);
  });

  it('are left to the environment where the command line says nothing', () => {
    for (const role of ROLES) expect(flagsOf(role, {})).toEqual([]);
  });
});
