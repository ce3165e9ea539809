import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { parseHubTarget, requireHubToken, uploadModel } from './upload.ts';

const TOKEN = 'hf_of_the_test';
const WEIGHTS = Buffer.alloc(100_000, 'weights');

let folder: string;
let server: Server;
let endpoint: string;
/** Repositories by name: visibility, and the files of their last commit. */
let repositories: Map<string, { visibility: string; files: Map<string, Buffer> }>;
let storage: Map<string, Buffer>;
let failing: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hone-upload-'));
  writeFileSync(path.join(folder, 'config.json'), '{"model_type":"llama"}');
  writeFileSync(path.join(folder, 'model.safetensors'), WEIGHTS);
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  [repositories, storage, failing] = [new Map(), new Map(), ''];
  vi.stubEnv('HF_ENDPOINT', endpoint);
  return () => vi.unstubAllEnvs();
});

interface Line {
  readonly key: string;
  readonly value: {
    readonly path: string;
    readonly content?: string;
    readonly oid?: string;
    readonly summary?: string;
  };
}

/** The part of the hub's protocol that uploads need: repositories, what is large, Git LFS, and commits. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url!, 'http://hub');
  const body = await buffer(request);
  const json = (value: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (failing !== '' && pathname.includes(failing)) return json({ error: 'refused' }, 403);
  if (pathname.startsWith('/storage/')) {
    storage.set(path.basename(pathname), body);
    return json({});
  }
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return json({ error: 'who is there?' }, 401);
  if (request.method === 'GET') {
    const known = repositories.has(pathname.slice('/api/models/'.length));
    return json({}, known ? 200 : 404);
  }
  const given = pathname.includes('/commit/') ? {} : (JSON.parse(body.toString()) as Record<string, never>);
  if (pathname === '/api/repos/create') {
    const { organization, name, visibility } = given as Record<string, string>;
    const known = repositories.has(`${organization}/${name}`);
    if (!known) repositories.set(`${organization}/${name}`, { visibility: visibility!, files: new Map() });
    return known ? json({ error: 'exists' }, 409) : json({ url: endpoint, id: `${organization}/${name}` });
  }
  if (pathname.includes('/preupload/')) {
    const files = given['files'] as unknown as { path: string; size: number }[];
    return json({
      files: files.map((file) => ({ path: file.path, uploadMode: file.size > 1000 ? 'lfs' : 'regular' })),
    });
  }
  if (pathname.endsWith('/info/lfs/objects/batch')) {
    const objects = (given['objects'] as unknown as { oid: string }[]).map(({ oid }) => ({
      oid,
      actions: storage.has(oid) ? undefined : { upload: { href: `${endpoint}/storage/${oid}` } },
    }));
    return json({ transfer: 'basic', objects });
  }
  if (pathname.includes('/commit/')) return json(commit(pathname, body));
  json({ error: pathname }, 404);
}

function commit(pathname: string, body: Buffer) {
  const [, repository] = /^\/api\/models\/([^/]+\/[^/]+)\/commit\//.exec(pathname)!;
  const lines = body
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  for (const { key, value } of lines) {
    const content = key === 'lfsFile' ? storage.get(value.oid!)! : Buffer.from(value.content ?? '', 'base64');
    if (key !== 'header') repositories.get(repository!)!.files.set(value.path, content);
  }
  return { success: true, commitOid: 'c0ffee', commitUrl: endpoint, hookOutput: '' };
}

const target = parseHubTarget('hf://org/model');
const upload = (fields: object = {}) =>
  uploadModel(folder, target, { accessToken: TOKEN, isPublic: false, name: 'checkpoints/x', ...fields });

it('a model becomes one commit of a repository that is made for it, closed to others unless asked', async () => {
  const uploaded = await upload();
  const files = ['config.json', 'model.safetensors'];
  expect(uploaded).toEqual({ location: `${endpoint}/org/model`, files, commit: 'c0ffee' });
  const repository = repositories.get('org/model')!;
  expect(repository.visibility).toBe('private');
  expect(repository.files.get('model.safetensors')!.equals(WEIGHTS)).toBe(true);
  expect(repository.files.get('config.json')!.toString()).toBe('{"model_type":"llama"}');
  expect([...storage.keys()]).toEqual([createHash('sha256').update(WEIGHTS).digest('hex')]);
  // Again, into the repository that is there now, with a token that may write to it alone.
  failing = '/repos/create';
  await upload();
  failing = '';
  repositories.clear();
  await upload({ isPublic: true });
  expect(repositories.get('org/model')!.visibility).toBe('public');
});

it('an upload that fails commits nothing, and says why', async () => {
  const refused = { code: 'FAILED_PRECONDITION', reason: 'HUB_REFUSED' };
  await expect(upload({ accessToken: 'hf_of_another' })).rejects.toMatchObject(refused);
  failing = '/storage/';
  await expect(upload()).rejects.toMatchObject(refused);
  expect(repositories.get('org/model')!.files.size).toBe(0);
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
  await expect(upload()).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'HUB_UNREACHABLE' });
});

it('the token comes from the environment, and no error shows it', async () => {
  for (const name of ['HF_TOKEN', 'HF_TOKEN_PATH', 'HUGGING_FACE_HUB_TOKEN']) vi.stubEnv(name, '');
  vi.stubEnv('HF_HOME', path.join(tmpdir(), 'no-such-home'));
  await expect(requireHubToken()).rejects.toThrow(/set HF_TOKEN/);
  vi.stubEnv('HF_TOKEN', TOKEN);
  expect(await requireHubToken()).toBe(TOKEN);
  failing = '/commit/';
  const error: unknown = await upload().catch((thrown: unknown) => thrown);
  expect(JSON.stringify(error) + String(error)).not.toContain(TOKEN);
});

it('a target on a hub is a repository and a branch', () => {
  expect(target).toEqual({ repository: 'org/model', branch: 'main' });
  expect(parseHubTarget('hf://org/model@v1')).toEqual({ repository: 'org/model', branch: 'v1' });
  for (const text of ['hf://model', 'hf://a/b/c', 'hf://../x y', 'hf://'])
    expect(() => parseHubTarget(text)).toThrow(/target: must be hf:/);
});
