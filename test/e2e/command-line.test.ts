/** The built `hone`, as a user runs it: exit codes, one document on stdout, one line for an error. */
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServices } from './platform.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.mjs', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hone-cli-'));
  await buildServices();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `hone` in a home of this test. */
function hone(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, '--home', path.join(folder, 'home'), ...args], {
    env: { ...process.env, HONE_DEBUG: '', HONE_THREADS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...texts })));
}

/** The command fails with this code and says why in one line on stderr, and nothing on stdout. */
function expectOneError({ code, stdout, stderr }: Ended, expectedCode: number, message: string | RegExp): void {
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
}

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const RUN_FILE = {
  checkpoint: '0123abcd',
  benchmark: 'arithmetic',
  train: { count: 4 },
  test: { count: 4 },
  samples_per_problem: 2,
  sampling: { max_tokens: 8 },
  pairs: { per_problem: 1 },
  training: { learning_rate: 1e-4 },
  evaluation: {},
};
const runFile = (change: object): string => write('run.yaml', JSON.stringify({ ...RUN_FILE, ...change }));

describe('hone', () => {
  it('doctor runs a graph and gives its findings as one document', async () => {
    const { code, stdout } = await hone('doctor', '--json');
    const checks = JSON.parse(stdout) as { name: string; health: string }[];
    expect(checks.find(({ name }) => name === 'ONNX Runtime')?.health).toBe('fine');
    expect(code).toBe(0);
  });

  it.each([
    [['nonsense'], /unknown command 'nonsense'/],
    [['runs', 'list', '--nonsense'], /unknown option '--nonsense'/],
    [['run'], /--file/],
    [['demo', '--iterations', '0'], /at least 1/],
    [['up', '--port-base', '65535'], /from 0 to 65530/],
    [['generate', '--prompt', 'x'], /exactly one of --checkpoint and --model/],
    [['generate', '--checkpoint', '0123abcd'], /exactly one of --prompt and --input/],
  ])('%j is a wrong usage: code 2', async (args, message) => {
    expectOneError(await hone(...args), 2, message);
  });

  it('explains itself and every command of it', async () => {
    const { stdout } = await hone('--help');
    const commands = [...stdout.split('Commands:')[1]!.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!);
    expect(commands).toEqual(expect.arrayContaining(['demo', 'run', 'generate', 'train']));
    for (const command of commands) expect(await hone(command, '--help')).toMatchObject({ code: 0, stderr: '' });
  });

  it('names what is wrong in a run file before it starts anything', async () => {
    expectOneError(
      await hone('run', '-f', runFile({ pairs: { per_problem: 2 } })),
      1,
      'pairs.per_problem: 2 samples of a problem make at most 1 pairs, but 2 are asked for',
    );
    expectOneError(await hone('run', '-f', write('broken.yaml', 'train: [')), 1, /broken\.yaml: .*line 1/);
    expectOneError(await hone('run', '-f', path.join(folder, 'none.yaml')), 1, /none\.yaml not found/);
    expect(existsSync(path.join(folder, 'home', 'logs'))).toBe(false);
  });

  it('names the port that is in use, and leaves nothing running', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ended = await hone('up', '--port-base', String(port));
    await new Promise((resolve) => server.close(resolve));
    expectOneError(ended, 1, new RegExp(`127\\.0\\.0\\.1:${port} is in use`));
    expect(existsSync(path.join(folder, 'home', 'up.json'))).toBe(false);
  });
});

describe('hone with services of its own', () => {
  it('lists the runs of an empty home as one document', async () => {
    const { code, stdout } = await hone('runs', 'list', '--json');
    expect({ code, runs: JSON.parse(stdout) as unknown }).toEqual({ code: 0, runs: [] });
    expect(existsSync(path.join(folder, 'home', 'up.json'))).toBe(false);
  });

  it('names a run, a checkpoint, a model folder or a file of problems that is not there or empty', async () => {
    // One platform for all of them: starting it is what takes time.
    const up = spawn(
      process.execPath,
      [MAIN, '--home', path.join(folder, 'home'), 'up', '--port-base', '0', '--json'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = new Promise<number | null>((resolve) => up.once('exit', resolve));
    await new Promise<void>((resolve) => up.stdout.once('data', () => resolve()));
    try {
      expectOneError(await hone('runs', 'show', 'none'), 1, 'runs/none not found');
      expectOneError(await hone('checkpoints', 'show', '0123abcd'), 1, 'checkpoints/0123abcd not found');
      expectOneError(
        await hone('generate', '--model', path.join(folder, 'none'), '--prompt', 'x'),
        1,
        'none not found',
      );
      expectOneError(await hone('up'), 1, /already up .*--home/);
      write('config.json', '{}');
      write('model.safetensors', 'no tensors in here');
      expectOneError(await hone('checkpoints', 'import', folder), 1, 'config.json');
      const problems = { file: write('empty.jsonl', '') };
      const ended = await hone('run', '-f', runFile({ benchmark: 'jsonl', train: problems, test: problems }), '--json');
      expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(/error: .*empty\.jsonl: holds no problems/);
    } finally {
      up.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
    const store = path.join(folder, 'home', 'store');
    expect(readdirSync(store).flatMap((name) => readdirSync(path.join(store, name)))).toEqual([]);
  });
});
