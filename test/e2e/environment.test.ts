/** What surrounds `hone up`: variables, folders, logs, and that nothing outlives it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROLES } from '@hone/rpc';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestHome } from './home.ts';
import { buildServices } from './platform.ts';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const DEAD_PROXY = 'http://127.0.0.1:1';

let home: TestHome;
beforeAll(async () => {
  for (const name of ['http_proxy', 'https_proxy', 'grpc_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'])
    vi.stubEnv(name, DEAD_PROXY);
  vi.stubEnv('no_proxy', 'elsewhere.example');
  for (const name of ['PGSSLMODE', 'PGHOST', 'PGOPTIONS']) vi.stubEnv(name, 'require');
  vi.stubEnv('HF_TOKEN', 'hf_of_the_test');
  vi.stubEnv('HONE_JUDGE_TEST', 'judge_of_the_test');
  home = new TestHome();
  await home.startUp();
}, 180_000);
afterAll(async () => {
  await home.down();
  home.remove();
  vi.unstubAllEnvs();
});

const folder = (): string => path.join(home.folder, 'home');
const logOf = (role: string): string => readFileSync(path.join(folder(), 'logs', `${role}.log`), 'utf8');
const variablesOf = (pid: number): string => readFileSync(`/proc/${pid}/environ`, 'utf8');
const postgresPid = (): number =>
  Number.parseInt(readFileSync(path.join(folder(), 'state/postgres/postmaster.pid'), 'utf8'), 10);

/** All processes that work for this home. */
function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(home.folder);
      } catch {
        return false;
      }
    });
}

it('commands work whatever proxies and PostgreSQL servers the environment names', async () => {
  expect(await home.ask('runs', 'list')).toEqual([]);
});

it('services have the variables that they read, and no secret of another', () => {
  for (const role of ROLES) {
    const variables = variablesOf(home.pidOf(role));
    expect(variables, role).not.toContain('hf_of_the_test');
    expect(variables.includes('judge_of_the_test'), role).toBe(role === 'scorer');
    expect(variables, role).not.toMatch(/(^|\0)PG/);
    expect(variables, role).toMatch(/(^|\0)PATH=/);
  }
});

it('home, store, state and logs are closed to other accounts', () => {
  for (const name of ['', 'store', 'state', 'logs'])
    expect(statSync(path.join(folder(), name)).mode & 0o777, name).toBe(0o700);
  expect(logOf('orchestrator')).toContain('an empty one was made');
});

it('the lines of a log say when, who and what; a failed call is among them', async () => {
  expect((await home.hone('runs', 'show', 'no-such-run')).code).toBe(1);
  const lines = logOf('orchestrator')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) {
    expect(line).toMatchObject({ service: 'orchestrator', level: expect.any(String), message: expect.any(String) });
    expect(new Date(line['time'] as string).toISOString()).toBe(line['time']);
  }
  expect(lines).toContainEqual(
    expect.objectContaining({
      method: 'hone.orchestrator.v1.OrchestratorService/GetRun',
      run: 'runs/no-such-run',
      code: 'NOT_FOUND',
    }),
  );
});

it('a command appends to the log of the services that are up, and truncates none', async () => {
  const before = logOf('scorer');
  const input = path.join(home.folder, 'completions.jsonl');
  writeFileSync(input, '{"completion":"The answer is 4.","gold":"4"}\n');
  expect(await home.hone('score', '--scorer', 'gsm8k', '--input', input)).toMatchObject({ code: 0 });
  expect(logOf('scorer').startsWith(before)).toBe(true);
});

it('every service has --help and --version', { timeout: 120_000 }, async () => {
  await buildServices();
  for (const role of ROLES) {
    const ask = (flag: string) =>
      spawnSync(process.execPath, [path.join(DIST, role, 'main.mjs'), flag], { encoding: 'utf8' });
    expect(ask('--help'), role).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('--address <host:port>'),
    });
    expect(ask('--version').stdout, role).toMatch(/^\d+\.\d+\.\d+\n$/);
  }
});

it(
  'nothing outlives a killed hone up, nor PostgreSQL an orchestrator that was killed with it',
  { timeout: 120_000 },
  async () => {
    const orchestrator = home.pidOf('orchestrator');
    const postgres = postgresPid();
    expect(processes().length).toBeGreaterThanOrEqual(ROLES.length);
    // hone up first, so that it does not start the orchestrator again.
    const up = home.down('SIGKILL');
    process.kill(orchestrator, 'SIGKILL');
    await up;
    await expect.poll(() => existsSync(`/proc/${postgres}`), { timeout: 60_000 }).toBe(false);
    await expect.poll(processes, { timeout: 60_000 }).toEqual([]);
  },
);

it('what starts next appends to the logs, and works', { timeout: 120_000 }, async () => {
  const before = logOf('sampler');
  await home.startUp();
  expect(logOf('sampler').startsWith(before)).toBe(true);
  expect(logOf('sampler').length).toBeGreaterThan(before.length);
  expect(await home.ask('runs', 'list')).toEqual([]);
});
