/** All tests of run-control.test.ts, on a PostgreSQL server that is not the orchestrator's own. */
import { afterAll, it } from 'vitest';
import { useDatabases } from './testing/platform.ts';
import { NO_SERVER, serverPrograms, startSeparateServer } from './testing/separate-server.ts';

const programs = serverPrograms();
if (programs === undefined) it.skip(NO_SERVER);
else {
  const server = startSeparateServer(programs);
  afterAll(async () => (await server).stop());
  useDatabases(async () => (await server).newDatabase());
  await import('./run-control.test.ts');
}
