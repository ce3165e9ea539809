/** The orchestrator's database: PostgreSQL, embedded or a server's, with its tables, migrations, locks and lists. */
export { listRules, readPage, type ListColumn, type ListColumns } from './lists.ts';
export {
  openDatabase,
  type Database,
  type DatabaseOptions,
  type OpenDatabase,
  type Queryable,
} from './open-database.ts';
export type * from './schema.ts';
