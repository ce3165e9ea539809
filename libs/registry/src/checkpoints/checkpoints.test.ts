import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { collect } from '@hone/artifacts';
import {
  Checkpoint,
  CompareCheckpointsRequest,
  type CompareEvaluationsRequest,
  CompareEvaluationsResponse,
  DeleteCheckpointRequest,
  type DescribeLineageRequest,
  ListCheckpointsRequest,
  ListEvaluationsRequest,
  RunState,
  SetAliasRequest,
  UpdateCheckpointRequest,
} from '@hone/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deleteAlias, setAlias } from '../models/aliases.ts';
import { compareCheckpoints } from './compare-checkpoints.ts';
import { deleteCheckpoint } from './delete-checkpoint.ts';
import { listEvaluations, recordEvaluation } from '../evaluations.ts';
import { describeLineage } from '../lineage.ts';
import { listReferencedArtifacts } from '../referenced-artifacts.ts';
import { describeCheckpoint, getCheckpoint, listCheckpoints } from '../rows/checkpoints.ts';
import { publishVersion } from '../rows/versions.ts';
import { checkpointName, digestFor, openRegister, type TestRegister } from '../testing/register.ts';
import { updateCheckpoint } from './update-checkpoint.ts';

let register: TestRegister;
beforeAll(async () => {
  register = await openRegister();
});
afterEach(() => register.reset());
afterAll(() => register.close());

const show = (name: string) => describeCheckpoint(register.database, name, 'name');
const remove = (name: string, fields: object = {}) =>
  deleteCheckpoint(register.database, DeleteCheckpointRequest.fromPartial({ name, ...fields }));
const update = (checkpoint: object, updateMask: string[], fields: object = {}) =>
  updateCheckpoint(register.database, UpdateCheckpointRequest.fromPartial({ checkpoint, updateMask, ...fields }));
const list = (fields: object = {}) =>
  listCheckpoints(register.database, ListCheckpointsRequest.fromPartial(fields), undefined);
const listed = async (fields: object = {}) => (await list(fields)).checkpoints.map(({ displayName }) => displayName);
const publish = (letter: string, fields: object = {}) =>
  register.database
    .transaction()
    .execute((transaction) => publishVersion(transaction, { model: 'm', digest: digestFor(letter), ...fields }));

describe('a checkpoint', () => {
  it('gets labels, notes and a name by mask, and only from who has seen its last state', async () => {
    const name = await register.add('a');
    const { etag } = await show(name);
    const written = { name, etag, notes: 'good', labels: { team: 'x', 'a.b/c': '1' }, displayName: 'ignored' };
    const changed = await update(written, ['notes', 'labels']);
    expect(changed).toMatchObject({ notes: 'good', labels: written.labels, displayName: 'a' });
    expect(changed.etag).not.toBe(etag);
    await expect(update({ name, etag, notes: 'late' }, ['notes'])).rejects.toMatchObject({ reason: 'ETAG_MISMATCH' });
    expect(await update({ name, notes: 'dry' }, ['notes'], { validateOnly: true })).toEqual(changed);
    expect(await show(name)).toEqual(changed);
    const refused: [object, string[], string][] = [
      [{ name, notes: '' }, ['parent'], 'update_mask'],
      [{ name }, [], 'update_mask'],
      [{ name, labels: { 'no blanks': '' } }, ['labels'], 'checkpoint.labels["no blanks"]'],
      [{ name, notes: 'x'.repeat(10_001) }, ['notes'], 'checkpoint.notes'],
    ];
    for (const [checkpoint, mask, field] of refused)
      await expect(update(checkpoint, mask)).rejects.toMatchObject({ violations: [{ field }] });
  });

  it('is found by labels, origin, parent and figures, in the order that was asked', async () => {
    await register.add('a', { parameterCount: 10n });
    await register.add('b', { parameterCount: 2n, iteration: 1 }, 'a');
    await register.add('c', { parameterCount: 30n, iteration: 2 }, 'b');
    await update({ name: checkpointName('b'), labels: { team: 'x' } }, ['labels']);
    expect(await listed()).toEqual(['c', 'b', 'a']);
    expect(await listed({ filter: 'labels.team = x' })).toEqual(['b']);
    expect(await listed({ filter: 'labels.team != x' })).toEqual(['c', 'a']);
    expect(await listed({ filter: 'labels:team' })).toEqual(['b']);
    expect(await listed({ filter: 'origin = TRAINED AND iteration >= 2' })).toEqual(['c']);
    expect(await listed({ filter: 'origin != CHECKPOINT_ORIGIN_TRAINED' })).toEqual(['a']);
    expect(await listed({ filter: `parent = "${checkpointName('a')}"` })).toEqual(['b']);
    expect(await listed({ filter: `name = "${checkpointName('a').slice(0, 25)}*"` })).toEqual(['a']);
    expect(await listed({ filter: 'display_name = "%"' })).toEqual([]);
    expect(await listed({ filter: 'create_time > 2001-01-01 AND parameter_count < 20' })).toEqual(['b', 'a']);
    expect(await listed({ orderBy: 'parameter_count' })).toEqual(['b', 'a', 'c']);
    await expect(list({ filter: 'recipe = x' })).rejects.toMatchObject({ violations: [{ field: 'filter' }] });
  });

  it('is listed with the fields of a read mask alone', async () => {
    await register.add('a', { recipeJson: '{"seed":"1"}' });
    const ask = (readMask: string[]) => list({ readMask, pageSize: 1 });
    const { checkpoints } = await ask(['name', 'display_name']);
    expect(checkpoints).toEqual([Checkpoint.fromPartial({ name: checkpointName('a'), displayName: 'a' })]);
    await expect(ask(['recipe'])).rejects.toMatchObject({ violations: [{ field: 'read_mask' }] });
  });

  it('stands on exactly one page of a list, whatever its order and whatever is equal', async () => {
    for (let index = 0; index < 25; index++) await register.add(`n${index}`, { iteration: index % 3 });
    for (const orderBy of ['', 'iteration', 'iteration desc, display_name', 'create_time, parameter_count desc']) {
      const whole = await listed({ orderBy, pageSize: 1000 });
      const pages: string[] = [];
      let pageToken = '';
      do {
        const page = await list({ orderBy, pageSize: 4, pageToken });
        pages.push(...page.checkpoints.map(({ displayName }) => displayName));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect(pages).toEqual(whole);
      expect(new Set(pages).size).toBe(25);
    }
  });
});

describe('a deleted checkpoint', () => {
  it('stays in lineages, is used by nobody, and its files may be collected', async () => {
    const adapter = digestFor('adapter');
    await register.add('a', { recipeJson: JSON.stringify({ adapter: `adapters/${adapter}` }) });
    await register.add('b', {}, 'a');
    const referenced = async () => {
      const digests: string[] = [];
      for await (const message of listReferencedArtifacts(register.database)) digests.push(...message.digests);
      return digests;
    };
    expect(await referenced()).toEqual(expect.arrayContaining([digestFor('a'), digestFor('b'), adapter]));
    await remove(checkpointName('a'), { force: true });
    const left = await referenced();
    expect(left).toContain(digestFor('b'));
    expect(left).not.toContain(digestFor('a'));
    expect(left).not.toContain(adapter);
    await expect(getCheckpoint(register.database, checkpointName('a'), 'name')).rejects.toMatchObject({
      reason: 'CHECKPOINT_DELETED',
    });
    expect(await listed()).toEqual(['b']);
    expect(await listed({ showDeleted: true })).toEqual(['b', 'a']);
    const lineage = await describeLineage(register.database, { name: checkpointName('b'), descendants: false });
    expect(lineage.ancestors.map(({ checkpoint }) => checkpoint!.deleteTime instanceof Date)).toEqual([false, true]);
    await expect(remove(checkpointName('a'))).rejects.toMatchObject({ reason: 'CHECKPOINT_DELETED' });
  });

  it('loses its files at the next collection, and those of its child stay', async () => {
    const folderOf = (text: string) =>
      register.store.createFolder((folder) => writeFile(path.join(folder, 'config.json'), text));
    const [parent, child] = [await folderOf('parent'), await folderOf('child')];
    const fields = { recipeJson: JSON.stringify({ checkpoint: `checkpoints/${parent.digest}` }) };
    await register.add('a', { name: `checkpoints/${parent.digest}` });
    await register.add('b', { ...fields, name: `checkpoints/${child.digest}`, parent: `checkpoints/${parent.digest}` });
    async function* keep(): AsyncGenerator<string> {
      for await (const { digests } of listReferencedArtifacts(register.database)) yield* digests;
    }
    const gone = async () => {
      const digests: string[] = [];
      for await (const { digest } of collect(register.store, { keep, minAgeMs: 0, dryRun: false }))
        digests.push(digest);
      return digests;
    };
    expect(await gone()).toEqual([]);
    await remove(`checkpoints/${parent.digest}`, { force: true });
    expect(await gone()).toEqual([parent.digest]);
    expect(await register.store.hasFolder(child.digest)).toBe(true);
  });

  it('is never named by an alias that was set at the same time', async () => {
    for (let version = 1; version <= 8; version++) {
      const name = await register.add(`v${version}`);
      await publish(`v${version}`);
      const set = SetAliasRequest.fromPartial({
        name: 'models/m/aliases/best',
        version: `models/m/versions/${version}`,
      });
      const outcomes = await Promise.allSettled([setAlias(register.database, set), remove(name)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const { aliases, deleteTime } = await show(name);
      expect(aliases.includes('models/m@best')).toBe(deleteTime === undefined);
    }
    await expect(publish('none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const lost = await register.add('lost');
    await remove(lost);
    await expect(publish('lost')).rejects.toMatchObject({ reason: 'CHECKPOINT_DELETED' });
  });

  it('is there again once it is made again', async () => {
    const name = await register.add('a');
    const { etag } = await remove(name);
    await register.add('a', { displayName: 'second' });
    const again = await show(name);
    expect(again).toMatchObject({ deleteTime: undefined, displayName: 'a' });
    expect(again.etag).not.toBe(etag);
  });

  it('was not changed since its deleter saw it', async () => {
    const name = await register.add('a');
    const { etag } = await show(name);
    await update({ name, notes: 'keep this' }, ['notes']);
    await expect(remove(name, { etag })).rejects.toMatchObject({ reason: 'ETAG_MISMATCH' });
    expect(await remove(name, { validateOnly: true })).toMatchObject({ deleteTime: undefined });
    expect((await show(name)).deleteTime).toBeUndefined();
  });

  it('has no alias but latest, whatever is forced', async () => {
    const name = await register.add('a');
    await publish('a');
    const alias = 'models/m/aliases/production';
    await setAlias(register.database, SetAliasRequest.fromPartial({ name: alias, version: 'models/m/versions/1' }));
    await expect(remove(name, { force: true })).rejects.toMatchObject({
      reason: 'CHECKPOINT_HAS_ALIAS',
      metadata: { alias: 'models/m@production' },
    });
    await deleteAlias(register.database, { name: alias, etag: '', caller: '', reason: '' });
    await remove('models/m@latest');
    await expect(getCheckpoint(register.database, 'models/m@latest', 'name')).rejects.toMatchObject({
      reason: 'CHECKPOINT_DELETED',
    });
    await expect(
      setAlias(register.database, SetAliasRequest.fromPartial({ name: alias, version: 'models/m/versions/1' })),
    ).rejects.toMatchObject({ reason: 'CHECKPOINT_DELETED' });
  });

  it('is needed by no run that lives, and by force only by one that stopped', async () => {
    const base = await register.add('a');
    for (const state of [RunState.QUEUED, RunState.RUNNING, RunState.INTERRUPTED]) {
      await register.addRun(`run-${state.length}`, state, base);
      await expect(remove(base, { force: true })).rejects.toMatchObject({ reason: 'CHECKPOINT_IN_USE' });
      await register.database.deleteFrom('runs').execute();
    }
    await register.addRun('stopped', RunState.FAILED);
    await register.add('b', { run: 'runs/stopped', iteration: 1 });
    await expect(remove(checkpointName('b'))).rejects.toMatchObject({ metadata: { run: 'runs/stopped' } });
    await remove(checkpointName('b'), { force: true });
    await register.addRun('done', RunState.SUCCEEDED, base);
    await remove(base);
  });

  it('has no children unless that is forced', async () => {
    const name = await register.add('a');
    await register.add('b', {}, 'a');
    await expect(remove(name)).rejects.toMatchObject({ reason: 'CHECKPOINT_HAS_CHILDREN' });
    await remove(checkpointName('b'));
    await remove(name);
  });
});

describe('what was measured', () => {
  const evaluations = async (checkpoint: string, fields: object = {}) =>
    listEvaluations(register.database, ListEvaluationsRequest.fromPartial({ checkpoint, ...fields }));
  const record = (evaluation: string, benchmark = 'arithmetic test') =>
    recordEvaluation(register, { evaluation, benchmark });

  it('by callers is read from the store, and stands with its checkpoint', async () => {
    const name = await register.add('a');
    const first = await register.storeEvaluation(name, 0.5);
    const recorded = await record(first);
    expect(recorded).toMatchObject({
      benchmark: 'arithmetic test',
      run: '',
      evaluation: { name: first, checkpoint: name },
    });
    expect(await record(first, 'another')).toEqual(recorded);
    const second = await register.storeEvaluation(name, 0.6);
    await record(second);
    const page = await evaluations(name, { pageSize: 1 });
    expect(page.evaluations.map(({ evaluation }) => evaluation!.name)).toEqual([second]);
    const next = await evaluations(name, { pageSize: 1, pageToken: page.nextPageToken });
    expect(next).toEqual({ evaluations: [recorded], nextPageToken: '' });
    await expect(record(`evaluations/${digestFor('none')}`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(record(await register.storeEvaluation(checkpointName('x'), 1))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const { digest } = await register.store.putJsonLines([{ some: 'rows' }]);
    await expect(record(`evaluations/${digest}`)).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });

  it('by runs is there without being recorded', async () => {
    const name = await register.add('a');
    await register.addRun('r', RunState.RUNNING);
    const evaluation = await register.storeEvaluation(name, 0.5);
    const result = { name: evaluation, checkpoint: name, greedy: { accuracy: 0.5 } };
    const now = new Date();
    const step = {
      run_id: 'r',
      iteration: 1,
      name: 'evaluate',
      shard: -1,
      kind: 'evaluate',
      start_time: now,
      end_time: now,
    };
    const row = { ...step, codec: 'evaluate/1', result: JSON.stringify(result), usage: '{}', artifacts: '{}' };
    await register.database.insertInto('steps').values(row).execute();
    const made = { run: 'runs/r', iteration: 1, benchmark: 'arithmetic', forSelection: false };
    expect((await evaluations(name)).evaluations).toMatchObject([{ ...made, evaluation: { name: evaluation } }]);
    expect(await record(evaluation)).toMatchObject(made);
    expect((await evaluations(name)).evaluations).toHaveLength(1);
  });
});

describe('a lineage', () => {
  it('is the whole line back to the base with what was measured on it, and the tree that came of it', async () => {
    await register.add('a');
    await register.add('b', {}, 'a');
    await register.add('c', {}, 'b');
    await register.add('d', {}, 'b');
    const evaluation = await register.storeEvaluation(checkpointName('a'), 0.5);
    await recordEvaluation(register, { evaluation, benchmark: '' });
    const describe = (request: DescribeLineageRequest) => describeLineage(register.database, request);
    const shape = (nodes: Awaited<ReturnType<typeof describe>>['ancestors']) =>
      nodes.map(({ checkpoint, depth }) => `${checkpoint!.displayName}${depth}`);
    const up = await describe({ name: checkpointName('d'), descendants: false });
    expect(shape(up.ancestors)).toEqual(['d0', 'b1', 'a2']);
    expect(up.descendants).toEqual([]);
    expect(up.ancestors[2]!.evaluations).toMatchObject([{ evaluation: { name: evaluation } }]);
    const down = await describe({ name: checkpointName('a'), descendants: true });
    expect(shape(down.ancestors)).toEqual(['a0']);
    expect(shape(down.descendants)).toEqual(['b1', 'c2', 'd2']);
    expect(down.descendantCount).toBe(3);
  });

  it('that goes in a circle ends', async () => {
    await register.add('a', { parent: checkpointName('b') });
    await register.add('b', {}, 'a');
    const { ancestors, descendants } = await describeLineage(register.database, {
      name: checkpointName('a'),
      descendants: true,
    });
    expect(ancestors).toHaveLength(2);
    expect(descendants).toHaveLength(1);
  });
});

describe('two checkpoints', () => {
  const compareEvaluations = async ({ first, second, seed }: CompareEvaluationsRequest) =>
    CompareEvaluationsResponse.fromPartial({ differences: [{ measure: `${first} ${second} ${seed}` }] });

  it('are compared field by field, and problem by problem where both were measured alike', async () => {
    await register.add('a');
    const loss = { beta: 0.1, kind: 'sigmoid' };
    await register.add('b', { recipeJson: JSON.stringify({ seed: '1', spec: { loss }, machine: 'm' }) }, 'a');
    const other = { seed: '1', spec: { loss: { ...loss, beta: 0.2 }, epochs: 2 }, machine: 'm' };
    await register.add('c', { recipeJson: JSON.stringify(other) }, 'a');
    const [one, two, only] = [
      await register.storeEvaluation(checkpointName('b'), 0.5),
      await register.storeEvaluation(checkpointName('c'), 0.7),
      await register.storeEvaluation(checkpointName('c'), 0.8),
    ];
    for (const evaluation of [one, only, two]) await recordEvaluation(register, { evaluation, benchmark: '' });
    const compare = (request: CompareCheckpointsRequest) =>
      compareCheckpoints({ database: register.database, store: register.store, compareEvaluations }, request);
    const request = { first: checkpointName('b'), second: checkpointName('c'), seed: 3n };
    const compared = await compare(CompareCheckpointsRequest.fromPartial(request));
    expect(compared.recipe).toEqual([
      { path: 'spec.epochs', firstJson: '', secondJson: '2' },
      { path: 'spec.loss.beta', firstJson: '0.1', secondJson: '0.2' },
    ]);
    expect(compared.commonAncestor).toBe(checkpointName('a'));
    expect(compared.evaluations).toMatchObject([
      { first: { evaluation: { name: one } }, comparison: { differences: [{ measure: `${one} ${two} 3` }] } },
    ]);
    expect([compared.firstOnly, compared.secondOnly]).toEqual([[], []]);
    const self = await compare(CompareCheckpointsRequest.fromPartial({ ...request, second: request.first }));
    expect(self.recipe).toEqual([]);
    const base = await compare(CompareCheckpointsRequest.fromPartial({ ...request, second: checkpointName('a') }));
    expect(base).toMatchObject({ evaluations: [], commonAncestor: checkpointName('a') });
    expect(base.firstOnly).toHaveLength(1);
  });
});
