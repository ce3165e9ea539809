import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROLES } from '@hone/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Home, type Addresses } from './home.ts';
import { livePlatform } from './live-platform.ts';

let home: Home;
let server: Server;
let addresses: Addresses;

beforeEach(async () => {
  home = new Home(mkdtempSync(path.join(tmpdir(), 'hone-live-')));
  server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  addresses = Object.fromEntries(ROLES.map((role) => [role, address])) as Addresses;
});

afterEach(() => {
  server.close();
  rmSync(home.root, { recursive: true });
});

describe('the platform of a home', () => {
  it('is there while its process lives and its orchestrator listens', async () => {
    home.notePlatform({ pid: process.pid, addresses });
    expect(await livePlatform(home)).toEqual({ pid: process.pid, addresses });
  });

  it('is not there where another process got the noted id and nothing listens', async () => {
    home.notePlatform({ pid: process.pid, addresses });
    await new Promise((resolve) => server.close(resolve));
    expect(await livePlatform(home)).toBeUndefined();
  });

  it('is not there where nothing was noted, or the note was taken back', async () => {
    expect(await livePlatform(home)).toBeUndefined();
    home.notePlatform({ pid: process.pid, addresses });
    home.forgetPlatform();
    expect(await livePlatform(home)).toBeUndefined();
  });
});
