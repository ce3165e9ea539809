import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROLES } from '@hone/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Home, type Addresses } from './home.ts';

const ADDRESSES = Object.fromEntries(ROLES.map((role, index) => [role, `127.0.0.1:${5000 + index}`])) as Addresses;
let root: string;
let home: Home;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hone-home-'));
  home = new Home(root);
});
afterEach(() => rmSync(root, { recursive: true }));

describe('a home', () => {
  it('gives back the platform that was noted while its process lives', () => {
    home.notePlatform({ pid: process.pid, addresses: ADDRESSES });
    expect(new Home(root).platform()).toEqual({ pid: process.pid, addresses: ADDRESSES });
    expect(readdirSync(root)).toEqual(['up.json']);
  });

  it('has no platform once its process is gone', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    home.notePlatform({ pid, addresses: ADDRESSES });
    expect(home.platform()).toBeUndefined();
  });

  it('has no platform where none was noted, it was forgotten, or the note is damaged', () => {
    expect(home.platform()).toBeUndefined();
    home.notePlatform({ pid: process.pid, addresses: ADDRESSES });
    home.forgetPlatform();
    expect(home.platform()).toBeUndefined();
    writeFileSync(path.join(root, 'up.json'), '{"pid":');
    expect(home.platform()).toBeUndefined();
    writeFileSync(path.join(root, 'up.json'), JSON.stringify({ pid: process.pid, addresses: {} }));
    expect(home.platform()).toBeUndefined();
  });

  it('lets one process at a time start services', () => {
    const release = home.lockStart();
    expect(release).toBeDefined();
    expect(new Home(root).lockStart()).toBeUndefined();
    release!();
    home.lockStart()!();
    // Of a process that was killed, the right goes on to the next.
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(path.join(root, 'starting.lock'), String(pid));
    expect([home.lockStart() !== undefined, home.lockStart() !== undefined]).toEqual([false, true]);
  });

  it('makes the folder of its logs', () => {
    expect(home.logFile('scorer')).toBe(path.join(root, 'logs', 'scorer.log'));
    expect(statSync(path.join(root, 'logs')).mode & 0o777).toBe(0o700);
  });

  it('in a file system of the kernel is refused at once', () => {
    for (const folder of ['/proc/hone', '/sys/hone', '/proc/self/x/y'])
      expect(() => new Home(folder).logFile('scorer')).toThrow(/^--home: .*file system of the kernel/);
  });

  it('that is a file is refused by name', () => {
    writeFileSync(path.join(root, 'file'), '');
    expect(() => new Home(path.join(root, 'file')).logFile('scorer')).toThrow(/^--home: .*file.* is not a folder/);
  });
});
