import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publicBenchmark, splitOf } from '@hone/benchmarks';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { downloadSplit } from './dataset.ts';
import { localFiles } from './local-split.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const FILES = ['README.md', 'main/test-00000-of-00001.parquet', 'main/train-00000-of-00001.parquet'];
const gsm8k = (split: string) => splitOf(publicBenchmark('gsm8k'), split);

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hone-splits-'));
  mkdirSync(path.join(folder, 'served/main'), { recursive: true });
  for (const name of FILES) writeFileSync(path.join(folder, 'served', name), `of ${name}`);
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('HF_HUB_CACHE', mkdtempSync(path.join(folder, 'cache-')));
  vi.stubEnv('HF_TOKEN', '');
  vi.spyOn(console, 'debug').mockReturnValue();
  return () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  };
});

/** The part of the hub's protocol that downloads need, over the data set openai/gsm8k. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url!, 'http://hub');
  const json = (value: unknown): void => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  };
  const entry = (name: string) => ({
    type: 'file',
    path: name,
    size: statSync(path.join(folder, 'served', name)).size,
    oid: `oid-of-${name.replaceAll('/', '-')}`,
    lastCommit: { id: COMMIT, date: '2026-01-01T00:00:00.000Z', title: '' },
  });
  const resolved = `/datasets/openai/gsm8k/resolve/${COMMIT}/`;
  if (pathname.startsWith('/api/datasets/openai/gsm8k/tree/')) json(FILES.map(entry));
  else if (pathname === `/api/datasets/openai/gsm8k/paths-info/${COMMIT}`) {
    let body = '';
    request.on('data', (text) => (body += text));
    request.on('end', () => json((JSON.parse(body) as { paths: string[] }).paths.map(entry)));
  } else if (pathname.startsWith('/api/datasets/openai/gsm8k')) json({ id: 'openai/gsm8k', _id: 'x', sha: COMMIT });
  else if (pathname.startsWith(resolved)) {
    const file = path.join(folder, 'served', decodeURIComponent(pathname.slice(resolved.length)));
    const { size } = statSync(file);
    const [, first = 0, last = size - 1] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')?.map(Number) ?? [];
    const headers = { etag: '"tag"', 'content-range': `bytes ${first}-${last}/${size}` };
    response.writeHead(request.headers.range ? 206 : 200, headers);
    createReadStream(file, { start: first, end: last }).pipe(response);
  } else response.writeHead(404).end();
}

describe('a split of the hub', () => {
  test('is downloaded: its files only, and the commit they are of', async () => {
    const shown: string[] = [];
    const { files, commit } = await downloadSplit(gsm8k('test'), (name) => shown.push(name));
    expect(commit).toBe(COMMIT);
    expect(shown).toEqual(['main/test-00000-of-00001.parquet']);
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(['of main/test-00000-of-00001.parquet']);
  });
  test('that the hub does not show is not found', async () => {
    const other = splitOf(publicBenchmark('arc'), 'test');
    await expect(downloadSplit(other, () => undefined)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
  test('cannot be had without a network, and the error says what to do', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    const failed = downloadSplit(gsm8k('test'), () => undefined);
    await expect(failed).rejects.toMatchObject({
      reason: 'HUB_UNREACHABLE',
      message: /import a folder or file with --from/,
    });
  });
});

describe('a split of this machine', () => {
  test('is found below a folder, or is the one file that is named', async () => {
    const served = path.join(folder, 'served');
    expect(await localFiles(served, gsm8k('train'))).toEqual([path.join(served, FILES[2]!)]);
    // The folder's own name counts where the hub's layout has it.
    expect(await localFiles(path.join(served, 'main'), gsm8k('train'))).toEqual([path.join(served, FILES[2]!)]);
    expect(await localFiles(path.join(served, FILES[0]!), gsm8k('train'))).toEqual([path.join(served, FILES[0]!)]);
  });
  test('that is not there is not found', async () => {
    const math = splitOf(publicBenchmark('math'), 'math500');
    await expect(localFiles(path.join(folder, 'served'), math)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(localFiles(path.join(folder, 'none'), math)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
