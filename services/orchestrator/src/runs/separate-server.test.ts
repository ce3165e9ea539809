/** All tests of run-control.test.ts, on a PostgreSQL server that is not the orchestrator's own. */
import { NO_SERVER, serverPrograms, startSeparateServer } from '@hone/database/testing/separate-server';
import { afterAll, it } from 'vitest';
import { useDatabases } from '../testing/platform.ts';

const programs = serverPrograms();
if (programs === undefined) it.skip(NO_SERVER);
else {
  const server = startSeparateServer(programs);
  afterAll(async () => (await server).stop());
  useDatabases(async () => (await server).newDatabase());
  await import('./run-control.test.ts');
}
