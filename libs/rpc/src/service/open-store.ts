import { ArtifactStore } from '@hone/artifacts';
import type { Dependency } from '../health/readiness.ts';
import type { ServiceOptions } from './options.ts';

/** Opens the store of a service, as something that it cannot work without. A store that was not there leaves a line in the log. */
export async function openStore({ storeDir, logger }: Pick<ServiceOptions, 'storeDir' | 'logger'>): Promise<{
  readonly store: ArtifactStore;
  readonly dependency: Dependency;
}> {
  const store = await ArtifactStore.open(storeDir, (folder) =>
    logger.warn({ store: folder }, `there was no store at ${folder}: an empty one was made`),
  );
  return { store, dependency: { name: 'store', check: () => store.check() } };
}
