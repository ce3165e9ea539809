/** As whom PostgreSQL's programs run, and where. */

import { userInfo } from 'node:os';

/** PostgreSQL refuses to run as root. This account owns nothing else on most systems. */
const NOBODY = 65_534;
/** The data folder as the programs see it from within: they may not be able to pass the folders above. */
export const HERE = '/proc/self/cwd';
/** Who owns the data, for the programs. */
export const USER = 'hone';

/** Whether the account that this process runs as has a name. */
export function hasName(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}

export const isRoot = (): boolean => process.getuid!() === 0;
/** The account of the programs; empty means the orchestrator's own. */
export const accountOf = (): { uid?: number; gid?: number } => (isRoot() ? { uid: NOBODY, gid: NOBODY } : {});

/** Nothing of the caller's own: PGDATA, PGPORT and others would change what the programs do. */
export const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LANG: 'C' });
