/** Importing a model's files as a checkpoint. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { Checkpoint, CheckpointOrigin, nameOfDigest, type ImportCheckpointRequest } from '@hone/contracts';
import type { Database } from '@hone/database';
import { HoneError, invalidArgument, toHoneError } from '@hone/errors';
import type { ImportedModel } from './import-model.ts';
import { IncomingFiles } from './incoming-files.ts';
import { getCheckpoint, registerCheckpoint } from '../rows/checkpoints.ts';

/** What the worker is asked. */
export interface ImportJob {
  readonly storeDir: string;
  readonly folder: string;
}

/** What an import needs. */
export interface ImportOptions {
  readonly database: Database;
  readonly storeDir: string;
  readonly stateDir: string;
  /** Of the code that imports; recipes say it. */
  readonly codeVersion: string;
  /** Reads and stores the model in `folder`; normally in a process of its own. */
  readonly importFolder: (job: ImportJob, signal: AbortSignal) => Promise<ImportedModel>;
}

const MAX_TEXT_CHARS = 200;

function incomingDir(stateDir: string): string {
  return path.join(stateDir, 'incoming');
}

/** Removes what imports of an earlier process left; the state folder belongs to this process alone. */
export async function removeAbandonedImports(stateDir: string): Promise<void> {
  try {
    await rm(incomingDir(stateDir), { recursive: true, force: true });
  } catch (thrown) {
    throw toHoneError(thrown);
  }
}

/** Receives a model's files into a folder of its own, checks and stores them; whatever happens, the folder goes. */
export async function importCheckpoint(
  options: ImportOptions,
  requests: AsyncIterable<ImportCheckpointRequest>,
  signal: AbortSignal,
): Promise<Checkpoint> {
  const { database, storeDir, stateDir, codeVersion, importFolder } = options;
  const folder = path.join(incomingDir(stateDir), randomUUID());
  try {
    await mkdir(folder, { recursive: true });
    const { displayName, source } = await receive(requests, folder);
    const model = await importFolder({ storeDir, folder }, signal);
    const name = nameOfDigest('checkpoints', model.digest);
    const imported = Checkpoint.fromPartial({
      name,
      origin: CheckpointOrigin.IMPORTED,
      parameterCount: BigInt(model.parameterCount),
      sizeBytes: BigInt(model.bytes),
      recipeJson: JSON.stringify({ kind: 'import', ...(source && { source }), codeVersion }),
      displayName,
    });
    await registerCheckpoint(database, imported);
    const store = await ArtifactStore.open(storeDir);
    return { ...(await getCheckpoint(database, name, 'name')), path: await store.openFolder(model.digest) };
  } catch (thrown) {
    throw inWordsOfTheCaller(thrown, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a caller says of a model. */
interface ImportTexts {
  readonly displayName: string;
  readonly source: string;
}

/** Writes the files; answers with what came before them. */
async function receive(requests: AsyncIterable<ImportCheckpointRequest>, folder: string): Promise<ImportTexts> {
  const files = new IncomingFiles(folder);
  const texts: { displayName?: string; source?: string } = {};
  let hasChunks = false;
  try {
    for await (const { message } of requests) {
      if (message?.$case === 'chunk') {
        await files.write(message.value.fileName, message.value.data);
        hasChunks = true;
      } else if (message && !hasChunks && texts[message.$case] === undefined) texts[message.$case] = message.value;
      else
        throw invalidArgument('message', 'must be a chunk; display_name and source may come once, before all chunks');
    }
  } finally {
    await files.finish();
  }
  if ((await files.finish()).size === 0) throw invalidArgument('chunk', "no file was sent: send a model's files");
  const { displayName = '', source = '' } = texts;
  for (const [field, text] of [
    ['display_name', displayName],
    ['source', source],
  ] as const)
    if (text.length > MAX_TEXT_CHARS) throw invalidArgument(field, `must be at most ${MAX_TEXT_CHARS} characters`);
  return { displayName, source };
}

/** The caller knows the files by their names, not by where they lay here for a moment. */
function inWordsOfTheCaller(thrown: unknown, folder: string): HoneError {
  const error = toHoneError(thrown);
  const translate = (text: string): string => text.replaceAll(`${folder}/`, '').replaceAll(folder, 'the model');
  return HoneError.received({
    code: error.code,
    reason: error.reason,
    message: translate(error.message),
    violations: error.violations.map(({ field, description }) => ({
      field: translate(field),
      description: translate(description),
    })),
    metadata: Object.fromEntries(Object.entries(error.metadata).map(([key, value]) => [key, translate(value)])),
    cause: error,
  });
}
