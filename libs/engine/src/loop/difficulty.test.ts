import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { messageOf, Verdict, VerdictState } from '@hone/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { difficultyOf, looksFor, type Look } from './difficulty.ts';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-difficulty-'));
  store = await ArtifactStore.open(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const STATES: Readonly<Record<string, Partial<Verdict>>> = {
  '+': { state: VerdictState.SCORED, score: 1 },
  '-': { state: VerdictState.SCORED, score: 0 },
  '?': { state: VerdictState.UNSCORABLE },
  '!': { state: VerdictState.ERROR },
};

/** Looks of iterations 1, 2, …: of each problem, its verdicts as signs. The latest comes first. */
async function looksAt(...seen: readonly Readonly<Record<string, string>>[]): Promise<Look[]> {
  const looks: Look[] = [];
  for (const [at, problems] of seen.entries()) {
    const rows = Object.entries(problems).flatMap(([id, signs]) =>
      [...signs].map(
        (sign, index) => Verdict.toJSON(messageOf(Verdict, { id: `${id}#${index}`, ...STATES[sign] })) as object,
      ),
    );
    const { digest, count } = await store.putJsonLines(rows);
    looks.unshift({ iteration: at + 1, verdicts: { kind: 'verdicts', version: 1, digest, count } });
  }
  return looks;
}
const known = async (looks: readonly Look[], needed: number) =>
  Object.fromEntries(await difficultyOf(store, looks, { looks: needed }));

test('a problem is known where its latest look had right samples only, or none; what has no answer is not right', async () => {
  const looks = await looksAt({ a: '+++', b: '---', c: '+-+', d: '-?-', e: '+?' });
  expect(await known(looks, 1)).toEqual({ a: 'always_solved', b: 'never_solved', d: 'never_solved' });
});

test('so many latest looks at the problem itself must agree, whichever iterations they were in', async () => {
  const looks = await looksAt(
    { a: '++', b: '++', c: '--', d: '+-' },
    { a: '++', c: '++', d: '++' },
    { b: '++', c: '++' },
  );
  expect(await known(looks, 2)).toEqual({ a: 'always_solved', b: 'always_solved', c: 'always_solved' });
  expect(await known(looks, 3)).toEqual({});
});

test('a look in which the scorer failed on all of a problem is none, and one failure among others says nothing', async () => {
  const looks = await looksAt({ a: '--', b: '++' }, { a: '!!', b: '+!' });
  expect(await known(looks, 1)).toEqual({ a: 'never_solved', b: 'always_solved' });
  expect(await known(looks, 2)).toEqual({ b: 'always_solved' });
});

test('ids may have the sign in them that stands before the sample', async () => {
  expect(await known(await looksAt({ 'set#1': '++', 'set#2': '--' }), 1)).toEqual({
    ...{ 'set#1': 'always_solved', 'set#2': 'never_solved' },
  });
});

test('looks count that are before the iteration, and recent enough, the latest first', () => {
  const looks = [1, 2, 3, 4].map((iteration) => ({ iteration }) as Look);
  const counted = (iteration: number, within: number) =>
    looksFor(looks, iteration, { within }).map((look) => look.iteration);
  expect(counted(4, 0)).toEqual([3, 2, 1]);
  expect(counted(4, 2)).toEqual([3, 2]);
  expect(counted(1, 2)).toEqual([]);
});
