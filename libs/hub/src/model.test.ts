import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hubAccess, hubToken } from './access.ts';
import { downloadModel, parseHubName } from './model.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

let folder: string;
let served: string;
let server: Server;
let authorizations: (string | undefined)[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hone-hub-'));
  served = mkdtempSync(path.join(folder, 'served-'));
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  authorizations = [];
  for (const name of readdirSync(served)) rmSync(path.join(served, name));
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('HF_HOME', mkdtempSync(path.join(folder, 'home-')));
  for (const name of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN', 'HF_TOKEN_PATH', 'HUGGING_FACE_HUB_TOKEN'])
    vi.stubEnv(name, '');
  vi.spyOn(console, 'debug').mockReturnValue();
  return () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  };
});

/** The part of the hub's protocol that downloads need, over the files in `served` as the repository org/model. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url!, 'http://hub');
  authorizations.push(request.headers.authorization);
  const json = (value: unknown): void => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  };
  const entry = (name: string) => ({
    type: 'file',
    path: name,
    size: statSync(path.join(served, name)).size,
    oid: `oid-of-${name}`,
    lastCommit: { id: COMMIT, date: '2026-01-01T00:00:00.000Z', title: '' },
  });
  if (pathname.startsWith('/api/models/org/secret/')) response.writeHead(401).end();
  else if (pathname === '/api/models/org/model/revision/main') json({ id: 'org/model', sha: COMMIT });
  else if (pathname === `/api/models/org/model/tree/${COMMIT}`) json(readdirSync(served).map(entry));
  else if (pathname === `/api/models/org/model/paths-info/${COMMIT}`) {
    let body = '';
    request.on('data', (text) => (body += text));
    request.on('end', () => json((JSON.parse(body) as { paths: string[] }).paths.map(entry)));
  } else if (pathname.startsWith(`/org/model/resolve/${COMMIT}/`)) {
    const file = path.join(served, path.basename(pathname));
    const { size } = statSync(file);
    const [, first = 0, last = size - 1] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')?.map(Number) ?? [];
    const headers = { etag: '"tag"', 'content-range': `bytes ${first}-${last}/${size}` };
    response.writeHead(request.headers.range ? 206 : 200, headers);
    createReadStream(file, { start: first, end: last }).pipe(response);
  } else response.writeHead(404).end();
}

const put = (...names: string[]): void => names.forEach((name) => writeFileSync(path.join(served, name), `of ${name}`));
const model = parseHubName('org/model')!;

describe('names of the hub', () => {
  it.each([
    ['org/model', { repository: 'org/model', file: undefined, revision: 'main' }],
    ['org/model@v1.0', { repository: 'org/model', file: undefined, revision: 'v1.0' }],
    ['org/model/small.Q8_0.gguf@main', { repository: 'org/model', file: 'small.Q8_0.gguf', revision: 'main' }],
  ])('%s', (text, name) => expect(parseHubName(text)).toEqual(name));

  it.each(['model', './model', '../model', '/org/model', 'a/b/c', 'C:\\model', ''])('are none of: %j', (text) =>
    expect(parseHubName(text)).toBeUndefined(),
  );
});

describe('a model of the hub', () => {
  it('comes with all that is model, and nothing else, and only once', async () => {
    put('config.json', 'model.safetensors', 'tokenizer.json', 'README.md', 'pytorch_model.bin', 'small.gguf');
    const { location, commit } = await downloadModel(model);
    expect(commit).toBe(COMMIT);
    expect(readdirSync(location).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
    expect(readFileSync(path.join(location, 'model.safetensors'), 'utf8')).toBe('of model.safetensors');
    const requests = authorizations.length;
    expect(await downloadModel(model)).toEqual({ location, commit });
    // What names the files is asked again, not the files.
    expect(authorizations.length).toBe(requests + 2);
  });

  it('is a .gguf where there is but one, or the one that is named', async () => {
    put('one.gguf', 'tokenizer.json');
    expect(path.basename((await downloadModel(model)).location)).toBe('one.gguf');
    put('two.gguf');
    await expect(downloadModel(model)).rejects.toThrow(/name one of one\.gguf, two\.gguf/);
    const named = await downloadModel({ ...model, file: 'two.gguf' });
    expect(readFileSync(named.location, 'utf8')).toBe('of two.gguf');
  });

  it('that needs a token gets the one of HF_TOKEN', async () => {
    vi.stubEnv('HF_TOKEN', 'hf_test');
    put('model.safetensors');
    await downloadModel(model);
    expect(new Set(authorizations)).toEqual(new Set(['Bearer hf_test']));
  });

  it('that is not there, not shown, or out of reach is an error that says what to do', async () => {
    const none = { code: 'NOT_FOUND', message: expect.stringMatching(/org\/none@main.*neither a folder/) as string };
    await expect(downloadModel({ ...model, repository: 'org/none' })).rejects.toMatchObject(none);
    const secret = { code: 'NOT_FOUND', message: expect.stringMatching(/HF_TOKEN/) as string };
    await expect(downloadModel({ ...model, repository: 'org/secret' })).rejects.toMatchObject(secret);
    put('README.md');
    await expect(downloadModel(model)).rejects.toThrow(/holds no safetensors and no \.gguf/);
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    const away = {
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/without a network give a model folder/) as string,
    };
    await expect(downloadModel(model)).rejects.toMatchObject(away);
  });
});

/** Puts a model into the cache, as another library of the hub does. */
function cache(home: string, files: readonly string[], ref = 'main'): string {
  const repository = path.join(home, 'models--org--model');
  const snapshot = path.join(repository, 'snapshots', COMMIT);
  mkdirSync(snapshot, { recursive: true });
  for (const name of files) writeFileSync(path.join(snapshot, name), `of ${name}`);
  mkdirSync(path.join(repository, 'refs', path.dirname(ref)), { recursive: true });
  writeFileSync(path.join(repository, 'refs', ref), COMMIT);
  return snapshot;
}

const MODEL = ['config.json', 'model.safetensors', 'tokenizer.json', 'README.md'];
const hubHome = (): string => path.join(process.env['HF_HOME']!, 'hub');

describe('a model in the cache of the hub', () => {
  it.each([
    ['HF_HOME', () => hubHome()],
    ['HF_HUB_CACHE', () => mkdtempSync(path.join(folder, 'cache-'))],
    ['HUGGINGFACE_HUB_CACHE', () => mkdtempSync(path.join(folder, 'cache-'))],
    ['XDG_CACHE_HOME', () => path.join(mkdtempSync(path.join(folder, 'cache-')), 'huggingface', 'hub')],
  ])(
    'is found below %s, by branch, by a branch of several parts, and by commit, where nothing may be asked',
    async (name, place) => {
      const home = place();
      if (name === 'XDG_CACHE_HOME') vi.stubEnv('HF_HOME', '');
      if (name !== 'HF_HOME') vi.stubEnv(name, name === 'XDG_CACHE_HOME' ? path.dirname(path.dirname(home)) : home);
      const location = cache(home, MODEL, 'refs/pr/1');
      cache(home, MODEL);
      for (const variable of ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE']) {
        vi.stubEnv('HF_HUB_OFFLINE', '0');
        vi.stubEnv(variable, '1');
        for (const revision of ['main', 'refs/pr/1', COMMIT])
          expect(await downloadModel({ ...model, revision })).toMatchObject({
            location,
            commit: COMMIT,
            fromCache: expect.stringContaining('OFFLINE'),
          });
      }
      expect(authorizations).toEqual([]);
    },
  );

  it('is used where the hub cannot be reached, also one that was downloaded here', async () => {
    put('config.json', 'model.safetensors');
    const { location } = await downloadModel(model);
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    for (const revision of ['main', COMMIT])
      expect(await downloadModel({ ...model, revision })).toEqual({
        location,
        commit: COMMIT,
        fromCache: 'http://127.0.0.1:1 cannot be reached',
      });
  });

  it('that is there in part, or not at all, is refused by what is missing', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', 'YES');
    await expect(downloadModel(model)).rejects.toMatchObject({ reason: 'HUB_OFFLINE' });
    await expect(downloadModel({ ...model, revision: '../../x' })).rejects.toMatchObject({ reason: 'HUB_OFFLINE' });
    cache(hubHome(), ['config.json', 'model-00001-of-00003.safetensors', 'model-00002-of-00003.safetensors']);
    await expect(downloadModel(model)).rejects.toMatchObject({
      reason: 'HUB_CACHE_INCOMPLETE',
      message: expect.stringContaining('model-00003-of-00003.safetensors is missing'),
    });
    cache(hubHome(), ['model-00003-of-00003.safetensors']);
    expect(await downloadModel(model)).toMatchObject({ commit: COMMIT });
    expect(authorizations).toEqual([]);
  });
});

describe('the token', () => {
  const store = (file: string, token: string): void => writeFileSync(file, `${token}\n`);

  it('is that of HF_TOKEN, else the stored login of HF_TOKEN_PATH or HF_HOME, unless that is not wanted', async () => {
    expect(await hubToken()).toBeUndefined();
    store(path.join(process.env['HF_HOME']!, 'token'), 'hf_of_home');
    expect(await hubToken()).toBe('hf_of_home');
    const other = path.join(folder, 'other-token');
    store(other, 'hf_of_path');
    vi.stubEnv('HF_TOKEN_PATH', other);
    expect(await hubToken()).toBe('hf_of_path');
    vi.stubEnv('HF_HUB_DISABLE_IMPLICIT_TOKEN', '1');
    expect(await hubToken()).toBeUndefined();
    vi.stubEnv('HF_TOKEN', 'hf_named');
    expect(await hubToken()).toBe('hf_named');
  });

  it('of the stored login goes to the hub, and to no other place that an answer of it names', async () => {
    store(path.join(process.env['HF_HOME']!, 'token'), 'hf_of_home');
    put('model.safetensors');
    await downloadModel(model);
    expect(new Set(authorizations)).toEqual(new Set(['Bearer hf_of_home']));
    const seen: (string | undefined)[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { fetch } = await hubAccess();
    const address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/x`;
    await fetch(address, { headers: { Authorization: 'Bearer hf_of_home', Range: 'bytes=0-1' } });
    await fetch(address, { headers: { Authorization: 'Bearer of-a-storage-server' } });
    expect(seen).toEqual([undefined, 'Bearer of-a-storage-server']);
    elsewhere.closeAllConnections();
    await new Promise((resolve) => elsewhere.close(resolve));
  });
});
