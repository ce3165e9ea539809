import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROLES } from '@hone/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Home, type Addresses } from './home.ts';
import { commandOf } from './platform.ts';
import { takeTurn } from './take-turn.ts';

let root: string;
let home: Home;
let addresses: Addresses;
const server = createServer();
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hone-turn-'));
  home = new Home(root);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  addresses = Object.fromEntries(ROLES.map((role) => [role, `127.0.0.1:${port}`])) as Addresses;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true });
});

const turn = (whole: boolean, lines: string[] = []) => takeTurn(home, { whole, onWait: (line) => lines.push(line) });

describe('the turn of a command', () => {
  it('is its own where nothing is up, and nobody else has it until its services are noted', async () => {
    const { started } = (await turn(false)) as { started: () => void };
    let other: unknown;
    const waiting = turn(false).then((found) => (other = found));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(other).toBeUndefined();
    home.notePlatform({ pid: process.pid, addresses });
    started();
    expect(await waiting).toEqual({ platform: { pid: process.pid, addresses } });
  });

  it('is to use what hone up started, also for long work', async () => {
    home.notePlatform({ pid: process.pid, addresses });
    expect(await turn(true)).toMatchObject({ platform: { addresses } });
  });

  it("waits out another command's own services where it needs them to the end, and says so", async () => {
    home.notePlatform({ pid: process.pid, addresses, command: 'artifacts gc' });
    expect(await turn(false)).toMatchObject({ platform: { command: 'artifacts gc' } });
    const lines: string[] = [];
    const waiting = turn(true, lines);
    await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(1);
    expect(lines[0]).toContain(`waiting for hone artifacts gc (process ${process.pid}) in ${root}`);
    home.forgetPlatform();
    ((await waiting) as { started: () => void }).started();
  });
});

it.each([
  [['artifacts', 'gc', '--dry-run'], 'artifacts gc'],
  [['--home', '/h', 'run', '-f', 'x.yaml'], 'run'],
  [['--home=/h', 'demo'], 'demo'],
])('the command of %j is named %s', (words, name) => {
  expect(commandOf(['node', 'hone', ...words])).toBe(name);
});
