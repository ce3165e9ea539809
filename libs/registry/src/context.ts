/** What every operation on the register works with. */
import type { ArtifactStore } from '@hone/artifacts';
import type { Database } from '@hone/database';

/** Rows in the database, files in the store. */
export interface RegistryContext {
  readonly database: Database;
  readonly store: ArtifactStore;
}
