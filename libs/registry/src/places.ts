/** Where the register lies. */
import type { ArtifactStore } from '@hone/artifacts';
import type { Database } from '@hone/database';

/** Rows in the database, files in the store. */
export interface RegistryPlaces {
  readonly database: Database;
  readonly store: ArtifactStore;
}
