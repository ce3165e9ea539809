/** A register of checkpoints over an empty database and store, without the services of a platform. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { Checkpoint, CheckpointOrigin, Evaluation, type RunState } from '@hone/contracts';
import { openDatabase } from '@hone/database';
import { sql } from 'kysely';
import { registerCheckpoint } from '../rows/checkpoints.ts';

/** A digest that a text has. */
export const digestFor = (text: string): string => createHash('sha256').update(text).digest('hex');
/** The name of the checkpoint that tests call by a letter. */
export const checkpointName = (letter: string): string => `checkpoints/${digestFor(letter)}`;

/** Opens a database and a store in a folder of their own. */
export async function openRegister() {
  const root = await mkdtemp(path.join(tmpdir(), 'hone-register-'));
  const store = await ArtifactStore.open(path.join(root, 'store'));
  const { database, close } = await openDatabase({ stateDir: path.join(root, 'state') });
  /** Registers a checkpoint by a letter, trained from the one with another letter. */
  const add = async (letter: string, fields: Partial<Checkpoint> = {}, parent = ''): Promise<string> => {
    const name = checkpointName(letter);
    const origin = parent === '' ? CheckpointOrigin.IMPORTED : CheckpointOrigin.TRAINED;
    const given = { name, origin, displayName: letter, parent: parent && checkpointName(parent), ...fields };
    await registerCheckpoint(database, Checkpoint.fromPartial(given));
    return name;
  };
  /** Inserts a run that is in a state. */
  const addRun = async (id: string, state: RunState, baseCheckpoint = ''): Promise<void> => {
    const now = new Date();
    const spec = JSON.stringify({ baseCheckpoint, benchmark: 'arithmetic' });
    const run = { id, spec, state, attempt: 0, last_event: 0 };
    const row = { ...run, request_id: null, code_version: 'test', create_time: now, update_time: now };
    await database.insertInto('runs').values(row).execute();
  };
  /** Stores an evaluation of a checkpoint as the evaluator does; its accuracy is what tells it from others. */
  const storeEvaluation = async (checkpoint: string, accuracy: number): Promise<string> => {
    const measured = Evaluation.fromPartial({
      ...{ checkpoint, problemSet: `problemSets/${digestFor('problems')}`, scorerVersion: '1' },
      scorer: { name: 'arithmetic' },
      spec: { greedy: true, maxTokens: 8 },
      greedy: { accuracy, correct: accuracy * 10, total: 10, lower: accuracy / 2, upper: 1 },
    });
    const { digest } = await store.putJsonLines([Evaluation.toJSON(measured) as object]);
    return `evaluations/${digest}`;
  };
  const closeAll = async (): Promise<void> => {
    await close();
    await rm(root, { recursive: true, force: true });
  };
  /** Empties the database, which takes seconds to open. */
  const reset = async (): Promise<void> => {
    await sql`truncate runs, checkpoints, models, evaluations restart identity cascade`.execute(database);
  };
  return { database, store, add, addRun, storeEvaluation, reset, close: closeAll };
}

export type TestRegister = Awaited<ReturnType<typeof openRegister>>;
