import { mkdtemp, readFile, rm, writeFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCheckpoint } from '@hone/checkpoint';
import {
  artifactsOf,
  Checkpoint,
  CheckpointOrigin,
  ListCheckpointsRequest,
  noteOfCheckpoint,
  type ImportCheckpointRequest,
} from '@hone/contracts';
import { callClientStream, callServerStream, callUnary } from '@hone/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importMessages, MODEL_FILES, MODEL_FOLDER } from '../testing/import-messages.ts';
import { startPlatform, type TestPlatform } from '../testing/platform.ts';

const GGUF_FOLDER = fileURLToPath(new URL('../../../../test/golden/gguf', import.meta.url));

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const importOf = (messages: AsyncIterable<ImportCheckpointRequest>): Promise<Checkpoint> =>
  callClientStream(platform.client, 'importCheckpoint', messages);

async function* chunks(...files: [name: string, text: string][]): AsyncGenerator<ImportCheckpointRequest> {
  for (const [fileName, text] of files) {
    yield { message: { $case: 'chunk', value: { fileName, data: Buffer.from(text) } } };
  }
}

describe('ImportCheckpoint', () => {
  it('keeps a Hugging Face folder byte for byte, under a name that its content decides', async () => {
    expect(platform.base).toMatchObject({
      origin: CheckpointOrigin.IMPORTED,
      displayName: 'base',
      parent: '',
      run: '',
    });
    const { weights } = await readCheckpoint(MODEL_FOLDER);
    expect(platform.base.parameterCount).toBe(BigInt(weights.flat.length));
    for (const name of MODEL_FILES) {
      expect(await readFile(path.join(platform.base.path, name))).toEqual(
        await readFile(path.join(MODEL_FOLDER, name)),
      );
    }
    const again = await importOf(importMessages(MODEL_FOLDER, [...MODEL_FILES].reverse(), 'another name'));
    expect(again).toEqual(platform.base);
  });

  it('notes where a model comes from, and takes texts once, before the files', async () => {
    const text = ($case: 'displayName' | 'source', value: string): ImportCheckpointRequest => ({
      message: { $case, value },
    });
    async function* messages(...before: ImportCheckpointRequest[]): AsyncGenerator<ImportCheckpointRequest> {
      yield* before;
      yield* importMessages(GGUF_FOLDER, ['tiny.gguf']);
    }
    const imported = await importOf(messages(text('source', 'org/name@c0ffee'), text('displayName', 'foreign')));
    expect(imported.displayName).toBe('foreign');
    expect(JSON.parse(imported.recipeJson)).toMatchObject({ kind: 'import', source: 'org/name@c0ffee' });
    async function* late(): AsyncGenerator<ImportCheckpointRequest> {
      yield* messages();
      yield text('source', 'late');
    }
    const refused = [late(), messages(text('source', 'a'), text('source', 'b'))];
    for (const given of refused)
      await expect(importOf(given)).rejects.toMatchObject({ violations: [{ field: 'message' }] });
    const long = messages(text('source', 'x'.repeat(201)));
    await expect(importOf(long)).rejects.toMatchObject({ violations: [{ field: 'source' }] });
  });

  it('converts a GGUF file to a Hugging Face folder', async () => {
    const imported = await importOf(importMessages(GGUF_FOLDER, ['tiny.gguf']));
    const { weights } = await readCheckpoint(imported.path);
    expect(imported.parameterCount).toBe(BigInt(weights.flat.length));
    expect(await readdir(imported.path)).toContain('tokenizer.json');
  });

  it('takes a model without a tokenizer, for token ids alone', async () => {
    const names = MODEL_FILES.filter((name) => !/token|chat_template/.test(name));
    const imported = await importOf(importMessages(MODEL_FOLDER, names));
    expect((await readdir(imported.path)).sort()).toEqual(['MANIFEST.json', ...names].sort());
  });

  it('refuses what is no model, names the file, and leaves nothing behind', async () => {
    const stored = await readdir(path.join(platform.root, 'store', 'folders'));
    const truncated = async function* (): AsyncGenerator<ImportCheckpointRequest> {
      yield* importMessages(MODEL_FOLDER, MODEL_FILES.slice(0, -1));
      const data = (await readFile(path.join(MODEL_FOLDER, 'model.safetensors'))).subarray(0, 5000);
      yield { message: { $case: 'chunk', value: { fileName: 'model.safetensors', data } } };
    };
    const cases: [AsyncIterable<ImportCheckpointRequest>, string, RegExp][] = [
      [chunks(), 'INVALID_ARGUMENT', /^chunk: no file was sent/],
      [chunks(['../evil.json', 'x']), 'INVALID_ARGUMENT', /"\.\.\/evil\.json" is no file of a model/],
      [chunks(['/etc/config.json', 'x']), 'INVALID_ARGUMENT', /is no file of a model/],
      [
        chunks(['a.gguf', 'x'], ['config.json', '{}'], ['a.gguf', 'y']),
        'INVALID_ARGUMENT',
        /parts of a.gguf must come together/,
      ],
      [chunks(['a.gguf', 'not a gguf']), 'DATA_LOSS', /^a\.gguf: /],
      [chunks(['config.json', '{']), 'DATA_LOSS', /^config\.json: /],
      [importMessages(MODEL_FOLDER, MODEL_FILES.slice(0, -1)), 'NOT_FOUND', /^model\.safetensors not found/],
      [
        importMessages(
          MODEL_FOLDER,
          MODEL_FILES.filter((name) => name !== 'tokenizer.json'),
        ),
        'INVALID_ARGUMENT',
        /^tokenizer\.json: /,
      ],
      [truncated(), 'DATA_LOSS', /^model\.safetensors: /],
    ];
    for (const [messages, code, message] of cases) {
      await expect(importOf(messages)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    }
    expect(await platform.leftovers()).toEqual([]);
    expect(await readdir(path.join(platform.root, 'store', 'folders'))).toEqual(stored);
  });
});

describe('ExportCheckpoint', () => {
  it('sends what was imported', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hone-export-'));
    for await (const { chunk } of callServerStream(platform.client, 'exportCheckpoint', {
      name: platform.base.name,
      adapter: false,
    })) {
      await writeFile(path.join(folder, chunk!.fileName), chunk!.data, { flag: 'a' });
    }
    expect((await readdir(folder)).sort()).toEqual([...MODEL_FILES].sort());
    for (const name of MODEL_FILES) {
      expect(await readFile(path.join(folder, name))).toEqual(await readFile(path.join(MODEL_FOLDER, name)));
    }
    await rm(folder, { recursive: true });
  });

  it('sends no adapter of a checkpoint that was not trained as one', async () => {
    const request = { name: platform.base.name, adapter: true };
    const receive = callServerStream(platform.client, 'exportCheckpoint', request)[Symbol.asyncIterator]().next();
    await expect(receive).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NO_ADAPTER' });
  });

  it('refuses a damaged checkpoint before it sends a byte', async () => {
    const { name, path: folder } = await importOf(importMessages(GGUF_FOLDER, ['tiny.gguf']));
    const file = path.join(folder, 'model.safetensors');
    const bytes = await readFile(file);
    bytes[bytes.length - 3]! ^= 1;
    await writeFile(file, bytes);
    const sent: unknown[] = [];
    const receive = async (): Promise<void> => {
      for await (const part of callServerStream(platform.client, 'exportCheckpoint', { name, adapter: false }))
        sent.push(part);
    };
    await expect(receive()).rejects.toMatchObject({ code: 'DATA_LOSS', message: /model\.safetensors: is damaged/ });
    expect(sent).toEqual([]);
  });
});

describe('checkpoints', () => {
  const get = (name: string): Promise<Checkpoint> => callUnary(platform.client, 'getCheckpoint', { name });
  const list = (fields: Partial<ListCheckpointsRequest>) =>
    callUnary(platform.client, 'listCheckpoints', ListCheckpointsRequest.fromPartial(fields));

  it('are found by a unique prefix of at least 8 digits', async () => {
    const prefix = platform.base.name.slice(0, 'checkpoints/'.length + 8);
    expect(await get(prefix)).toEqual(platform.base);
    for (const name of [prefix.slice(0, -1), 'checkpoints/%%%%%%%%', '../../../x', platform.base.name.toUpperCase()]) {
      await expect(get(name)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field: 'name' }] });
    }
    await expect(get('checkpoints/00000000')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are listed by pages and by the run that made them', async () => {
    const { name } = await platform.createRun();
    await platform.watch(name);
    const { iterations } = await platform.getRun(name);
    const made = await list({ run: name });
    expect(made.checkpoints.map((it) => it.name)).toEqual([iterations[2]!.checkpoint, iterations[1]!.checkpoint]);
    expect(made.checkpoints[0]).toMatchObject({
      run: name,
      iteration: 2,
      displayName: 'test M_2',
      origin: CheckpointOrigin.TRAINED,
    });
    expect(JSON.parse(made.checkpoints[0]!.recipeJson)).toMatchObject({
      kind: 'train',
      runSeed: '5',
      runSpec: { trainProblemSet: platform.problemSet, settings: { iterations: 2, training: { beta: 0.1 } } },
      samplesPerProblem: 4,
      scorer: { name: 'gsm8k', version: '7' },
      pairRule: 'first/1',
      artifacts: { pairs: artifactsOf(iterations[2]!)['groups'] },
    });
    const first = await list({ pageSize: 1 });
    const second = await list({ pageSize: 1, pageToken: first.nextPageToken });
    expect([first, second].map(({ checkpoints }) => checkpoints[0]!.name)).toEqual(
      made.checkpoints.map((it) => it.name),
    );
    const lineage = await callUnary(platform.client, 'getLineage', { name: iterations[2]!.checkpoint });
    const expected = [iterations[2]!.checkpoint, iterations[1]!.checkpoint, platform.base.name];
    expect(lineage.checkpoints.map((it) => it.name)).toEqual(expected);
  });

  it('that another service made are registered once their files are in the store', async () => {
    const { digest } = await platform.store.createFolder(async (folder) => {
      for (const name of MODEL_FILES)
        await writeFile(path.join(folder, name), await readFile(path.join(MODEL_FOLDER, name)));
      await writeFile(path.join(folder, 'special_tokens_map.json'), '{}');
    });
    const register = (change: Partial<Checkpoint>): Promise<Checkpoint> => {
      const given = {
        name: `checkpoints/${digest}`,
        origin: CheckpointOrigin.INITIALIZED,
        displayName: 'random',
        ...change,
      };
      return callUnary(platform.client, 'registerCheckpoint', { checkpoint: Checkpoint.fromPartial(given) });
    };
    const missing = { name: `checkpoints/${'0'.repeat(64)}` };
    await expect(register(missing)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(register({ parent: missing.name })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(register({ run: 'runs/x' })).rejects.toMatchObject({ violations: [{ field: 'checkpoint.run' }] });
    await expect(register({ recipeJson: '{' })).rejects.toMatchObject({
      violations: [{ field: 'checkpoint.recipe_json' }],
    });
    const registered = await register({});
    expect(registered).toMatchObject({ displayName: 'random', parameterCount: platform.base.parameterCount });
    expect(await register({ displayName: 'again' })).toEqual(registered);
  });

  it('that their makers left a note of are in lists and lineages by themselves, parents first', async () => {
    const { store, client } = platform;
    const make = async (extra: string): Promise<string> => {
      const { digest } = await store.createFolder(async (folder) => {
        for (const name of MODEL_FILES)
          await writeFile(path.join(folder, name), await readFile(path.join(MODEL_FOLDER, name)));
        await writeFile(path.join(folder, 'special_tokens_map.json'), extra);
      });
      return digest;
    };
    const leave = (digest: string, fields: Partial<Checkpoint>): Promise<void> => {
      const checkpoint = Checkpoint.fromPartial({ name: `checkpoints/${digest}`, ...fields });
      return store.putNote({ digest, text: noteOfCheckpoint(checkpoint) });
    };
    const [first, second] = [await make('{"a":1}'), await make('{"b":2}')];
    const recipeJson = '{"kind":"train"}';
    const [trained, initialized] = [CheckpointOrigin.TRAINED, CheckpointOrigin.INITIALIZED];
    await leave(second, { origin: trained, parent: `checkpoints/${first}`, recipeJson, displayName: 'child' });
    await leave(first, { origin: initialized, displayName: 'parent' });
    // What cannot be registered holds up nothing: no files, and no facts.
    await leave('0'.repeat(64), { origin: trained });
    await store.putNote({ digest: '1'.repeat(64), text: '{' });

    const request = ListCheckpointsRequest.fromPartial({ pageSize: 2 });
    const { checkpoints } = await callUnary(client, 'listCheckpoints', request);
    expect(checkpoints.map(({ displayName }) => displayName)).toEqual(['child', 'parent']);
    expect(checkpoints[0]).toMatchObject({ origin: trained, recipeJson, run: '' });
    expect(checkpoints[0]!.parameterCount).toBe(platform.base.parameterCount);
    const lineage = await callUnary(client, 'getLineage', { name: `checkpoints/${second}` });
    expect(lineage.checkpoints.map(({ displayName }) => displayName)).toEqual(['child', 'parent']);
    const left: string[] = [];
    for await (const { digest } of store.notes()) left.push(digest);
    expect(left).toEqual(['1'.repeat(64)]);
  });
});
