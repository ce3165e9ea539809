/** Making the data of a server, once. */
import { spawn } from 'node:child_process';
import { chown, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { failedPrecondition } from '@hone/errors';
import { accountOf, environment, hasName, HERE, isRoot, USER } from './account.ts';
import type { Binaries } from './binaries.ts';

/** The data's folder in the state folder. */
export const FOLDER = 'postgres';
const UNFINISHED = 'postgres.new';

/** Makes the data under another name first, so that what a killed process left never looks ready. */
export async function createIfMissing(stateDir: string, binaries: Binaries): Promise<void> {
  const folder = path.join(stateDir, FOLDER);
  const unfinished = path.join(stateDir, UNFINISHED);
  await rm(unfinished, { recursive: true, force: true });
  if (await stat(path.join(folder, 'PG_VERSION')).catch(() => undefined)) return;
  if (!isRoot() && !hasName()) throw nameless();
  await mkdir(unfinished, { mode: 0o700 });
  const account = accountOf();
  if (account.uid !== undefined) await chown(unfinished, account.uid, account.gid!);
  const flags = ['-D', HERE, '-U', USER, '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-instructions'];
  await initialize(path.join(binaries.root, 'bin', 'initdb'), flags, {
    cwd: unfinished,
    env: environment(),
    ...account,
  });
  await rename(unfinished, folder);
}

/** initdb asks the system for the name of its account, and has no way to be told one. */
function nameless(): Error {
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  const line = `hone:x:${uid}:${gid}::/tmp:/sbin/nologin`;
  const message =
    `the account ${uid} has no entry in /etc/passwd, without which PostgreSQL cannot make its data: add one to the image ` +
    `(echo ${line} >> /etc/passwd), run as an account that has one, or name a PostgreSQL server of your own by DATABASE_URL`;
  return failedPrecondition('ACCOUNT_WITHOUT_NAME', message);
}

/** Runs initdb. */
async function initialize(
  program: string,
  flags: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number },
): Promise<void> {
  const child = spawn(program, flags, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-2_000)));
  }
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  if (problem === undefined) return;
  const last = output.trim().split('\n').slice(-3).join(' | ');
  const message =
    `${path.dirname(options.cwd)}: the database cannot be made (${problem}: ${last}): choose another folder with --state, or ` +
    'name a PostgreSQL server of your own by DATABASE_URL';
  throw failedPrecondition('DATABASE_NOT_MADE', message, { folder: options.cwd });
}
