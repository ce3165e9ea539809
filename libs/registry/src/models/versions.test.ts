import {
  DeleteAliasRequest,
  ListAliasChangesRequest,
  ListVersionsRequest,
  PublishVersionRequest,
  RunState,
  SetAliasRequest,
  type PartialMessage,
} from '@hone/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteAlias, listAliasChanges, setAlias } from './aliases.ts';
import { getModel, getVersion, listModels, listVersions, publishCheckpoint } from './models.ts';
import { getCheckpoint } from '../rows/checkpoints.ts';
import { publishVersion } from '../rows/versions.ts';
import { checkpointName, digestFor, openRegister, type TestRegister } from '../testing/register.ts';

let register: TestRegister;
beforeAll(async () => {
  register = await openRegister();
  for (const letter of ['a', 'b', 'c']) await register.add(letter);
});
afterAll(() => register.close());

let model: string;
let count = 0;
/** A model for each test. */
beforeEach(() => {
  count += 1;
  model = `model-${count}`;
});

const publish = (letter: string, fields: PartialMessage<PublishVersionRequest> = {}) => {
  const request = { model: `models/${model}`, checkpoint: checkpointName(letter), ...fields };
  return publishCheckpoint(register.database, PublishVersionRequest.fromPartial(request as object));
};
const versionName = (version: number): string => `models/${model}/versions/${version}`;
const move = (alias: string, version: number, fields: PartialMessage<SetAliasRequest> = {}) => {
  const request = { name: `models/${model}/aliases/${alias}`, version: versionName(version), ...fields };
  return setAlias(register.database, SetAliasRequest.fromPartial(request as object));
};
const changes = async () => {
  const request = ListAliasChangesRequest.fromPartial({ parent: `models/${model}` });
  return (await listAliasChanges(register.database, request)).changes;
};
const find = async (name: string) => (await getCheckpoint(register.database, name, 'name')).name;

describe('versions of a model', () => {
  it('are numbered from 1, and latest is always the last', async () => {
    expect(await publish('a')).toMatchObject({ name: `models/${model}/versions/1`, version: 1, aliases: ['latest'] });
    expect(await publish('b')).toMatchObject({ version: 2, checkpoint: checkpointName('b'), aliases: ['latest'] });
    const first = await getVersion(register.database, { name: `models/${model}/versions/1` });
    expect(first).toMatchObject({ checkpoint: checkpointName('a'), aliases: [] });
    expect(await getModel(register.database, { name: `models/${model}` })).toMatchObject({ lastVersion: 2 });
  });

  it('that a run publishes again, or a caller, keep their number', async () => {
    await register.addRun(`run-${count}`, RunState.RUNNING);
    const version = { model, digest: digestFor('a'), runId: `run-${count}`, iteration: 1 };
    const run = (change: object = {}) =>
      register.database.transaction().execute((transaction) => publishVersion(transaction, { ...version, ...change }));
    expect([await run(), await run(), await run({ iteration: 2 }), await run()]).toEqual([1, 1, 2, 1]);
    expect([(await publish('a')).version, (await publish('a')).version]).toEqual([3, 3]);
    const [, change] = await changes();
    expect(change).toMatchObject({ caller: `runs/run-${count}`, reason: 'version 2 was published' });
  });

  it('are published by many at once without a gap or a number twice', async () => {
    const published = await Promise.all(['a', 'b', 'c', 'a'].map((letter) => publish(letter)));
    expect(new Set(published.map(({ version }) => version))).toEqual(new Set([1, 2, 3]));
    expect(published[0]!.version).toBe(published[3]!.version);
  });

  it('are named wherever a checkpoint is, by number and by alias', async () => {
    await publish('a');
    await publish('b');
    await move('best', 1);
    expect(await find(`models/${model}/versions/2`)).toBe(checkpointName('b'));
    expect(await find(`models/${model}@latest`)).toBe(checkpointName('b'));
    expect(await find(`models/${model}@best`)).toBe(checkpointName('a'));
    const missing = ['versions/3', '@production'].map(
      (end) => `models/${model}${end.startsWith('@') ? '' : '/'}${end}`,
    );
    for (const name of missing) await expect(find(name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(find('models/no-such-model@best')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const name of [`models/${model}`, `models/${model}@1`, `models/${model}/versions/0`, 'models/UP@best'])
      await expect(find(name)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const checkpoint = await getCheckpoint(register.database, checkpointName('a'), 'name');
    expect(checkpoint.aliases).toContain(`models/${model}@best`);
    expect(checkpoint.versions).toContain(`models/${model}/versions/1`);
  });

  it('are listed by filter and order, a page at a time', async () => {
    for (const letter of ['a', 'b', 'c']) await publish(letter);
    const list = (fields: object) =>
      listVersions(register.database, ListVersionsRequest.fromPartial({ parent: `models/${model}`, ...fields }));
    const numbers = ({ versions }: Awaited<ReturnType<typeof list>>) => versions.map(({ version }) => version);
    expect(numbers(await list({}))).toEqual([3, 2, 1]);
    expect(numbers(await list({ filter: `checkpoint = "${checkpointName('b')}"` }))).toEqual([2]);
    const first = await list({ orderBy: 'version', pageSize: 2 });
    expect(numbers(first)).toEqual([1, 2]);
    const next = { orderBy: 'version', pageToken: first.nextPageToken };
    expect(await list(next)).toMatchObject({ versions: [{ version: 3 }], nextPageToken: '' });
    await expect(list({ ...next, filter: 'version > 1' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('are checked and not made with validate_only', async () => {
    expect(await publish('a', { validateOnly: true })).toMatchObject({ version: 1 });
    await expect(getModel(register.database, { name: `models/${model}` })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(publish('z')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(publish('a', { model: 'models/Bad_Name' })).rejects.toMatchObject({
      violations: [{ field: 'model' }],
    });
  });
});

describe('an alias', () => {
  beforeEach(async () => {
    for (const letter of ['a', 'b', 'c']) await publish(letter);
  });

  it('moves only from where its mover has seen it', async () => {
    const made = await move('best', 1, { expectedVersion: '' });
    expect(made).toMatchObject({ version: `models/${model}/versions/1`, checkpoint: checkpointName('a') });
    await expect(move('best', 2, { expectedVersion: '' })).rejects.toMatchObject({ reason: 'ALIAS_MOVED' });
    const moved = await move('best', 2, { expectedVersion: versionName(1), etag: made.etag });
    await expect(move('best', 3, { etag: made.etag })).rejects.toMatchObject({ reason: 'ETAG_MISMATCH' });
    // Back where it was: the version is the same, the etag is not.
    await move('best', 1, { etag: moved.etag });
    await expect(move('best', 3, { etag: made.etag })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await find(`models/${model}@best`)).toBe(checkpointName('a'));
  });

  it('is won by one of many who move it at once from the same place', async () => {
    await move('best', 1);
    const moves = Array.from({ length: 8 }, (_, index) =>
      move('best', 2 + (index % 2), { expectedVersion: versionName(1) }),
    );
    const outcomes = await Promise.allSettled(moves);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await changes()).filter(({ alias }) => alias.endsWith('/best'))).toHaveLength(2);
  });

  it('leaves a trail of who moved it, when, from where, to where, and why', async () => {
    await move('production', 1, { caller: 'ada', reason: 'first release' });
    await move('production', 3, { caller: 'bob', reason: 'better' });
    await move('production', 3, { caller: 'eve', reason: 'no move' });
    const name = `models/${model}/aliases/production`;
    const remove = (request: DeleteAliasRequest) => deleteAlias(register.database, request);
    await remove(DeleteAliasRequest.fromPartial({ name, caller: 'cyd', reason: 'withdrawn' }));
    const trail = (await changes()).filter(({ alias }) => alias === name);
    const version = (number: number) => `models/${model}/versions/${number}`;
    expect(trail).toMatchObject([
      { fromVersion: version(3), toVersion: '', caller: 'cyd', reason: 'withdrawn' },
      { fromVersion: version(1), toVersion: version(3), caller: 'bob', reason: 'better' },
      { fromVersion: '', toVersion: version(1), caller: 'ada', reason: 'first release' },
    ]);
    expect(trail.every(({ time }) => time instanceof Date)).toBe(true);
    await expect(find(`models/${model}@production`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(remove(DeleteAliasRequest.fromPartial({ name }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const one = ListAliasChangesRequest.fromPartial({ parent: name, pageSize: 2 });
    const page = await listAliasChanges(register.database, one);
    expect(page.changes).toEqual(trail.slice(0, 2));
    const next = ListAliasChangesRequest.fromPartial({ ...one, pageToken: page.nextPageToken });
    expect(await listAliasChanges(register.database, next)).toEqual({ changes: [trail[2]], nextPageToken: '' });
  });

  it('is refused where it cannot be', async () => {
    await expect(move('latest', 1)).rejects.toMatchObject({ violations: [{ field: 'name' }] });
    await expect(move('Best', 1)).rejects.toMatchObject({ violations: [{ field: 'name' }] });
    await expect(move('7', 1)).rejects.toMatchObject({ violations: [{ field: 'name' }] });
    await expect(move('best', 9)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(move('best', 0)).rejects.toMatchObject({ violations: [{ field: 'version' }] });
    for (const name of ['1', 'models/other/versions/1', `models/${model}@latest`]) {
      await expect(move('best', 1, { version: name })).rejects.toMatchObject({
        violations: [{ field: 'version' }],
      });
      const expected = move('best', 1, { expectedVersion: name });
      await expect(expected).rejects.toMatchObject({ violations: [{ field: 'expected_version' }] });
    }
    await expect(move('best', 1, { caller: 'x'.repeat(300) })).rejects.toMatchObject({
      violations: [{ field: 'caller' }],
    });
    await move('best', 1, { validateOnly: true });
    await expect(find(`models/${model}@best`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('models are listed by filter, order and page', async () => {
  for (const [name, versions] of [
    ['list-b', 2],
    ['list-a', 2],
    ['list-c', 1],
    ['other', 3],
  ] as const)
    for (const letter of ['a', 'b', 'c'].slice(0, versions)) await publish(letter, { model: `models/${name}` });
  const request = { pageSize: 1, pageToken: '', filter: 'name = models/list-* AND last_version >= 2', orderBy: 'name' };
  const first = await listModels(register.database, request);
  const second = await listModels(register.database, { ...request, pageToken: first.nextPageToken });
  expect([...first.models, ...second.models].map(({ name }) => name)).toEqual(['models/list-a', 'models/list-b']);
  expect(second.nextPageToken).toBe('');
});
