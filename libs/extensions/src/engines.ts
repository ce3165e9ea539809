/** What the registries of sampling engines and of training engines have in common. */
import { invalidArgument } from '@hone/errors';
import { z } from 'zod';
import { moduleFunction, moduleLine, moduleName, withModulesOf } from './load-modules.ts';

/** What an engine is opened with. */
export interface EngineOptions {
  /** Threads that it may compute with. */
  readonly threads: number;
  /** Memory that it may compute with. */
  readonly memoryBytes: number;
  /** Takes what its processes print. */
  readonly logger: { warn(fields: object, message: string): void };
  /** Folder in which the built entries of its own worker processes lie (`worker.ts` of its folder is `worker.mjs` there). */
  readonly entries: URL;
}

/** An engine that can be chosen; opened it is an `Opened`. */
export interface EngineType<Opened> {
  /** By which it is chosen, and what its description says. Small letters, digits and hyphens. */
  readonly name: string;
  /** One sentence: what it is, and when one takes it. */
  readonly summary: string;
  /** Opens it; throws where it cannot run here, and says what is missing. */
  open(options: EngineOptions): Promise<Opened>;
}

/** What the settings of a service say of its engine. */
export interface EngineSettings extends Omit<EngineOptions, 'entries'> {
  /** The engine's name; without it the first one is opened. */
  readonly engine?: string;
  /** Folder of the operator's own engines; empty or absent where there are none. */
  readonly enginesDir?: string;
}

/**
 * Opens the engine that settings choose; one that is not there is INVALID_ARGUMENT that lists those that are. `entries` is the folder
 * of a service's built processes, in whose `engines/` those of Hone's engines lie, a folder each.
 */
export async function openEngine<Opened>(
  engines: readonly EngineType<Opened>[],
  { engine: name = engines[0]!.name, threads, memoryBytes, logger }: EngineSettings,
  entries: URL,
): Promise<Opened> {
  const chosen = engines.find((known) => known.name === name);
  if (chosen) return chosen.open({ threads, memoryBytes, logger, entries: new URL(`engines/${name}/`, entries) });
  const known = engines.map((other) => other.name).join(', ');
  throw invalidArgument('--engine', `must be one of ${known}, but is "${name}" (--engines FOLDER adds your own)`);
}

/** Modules of an engines folder say which kind they make by their export `kind`. */
const KINDS = ['sampling', 'training'] as const;

/** An engine by what is listed of it. */
type Named = Pick<EngineType<unknown>, 'name' | 'summary'>;

/** What is asked of an engine that came from elsewhere. */
const shape = z.object({ name: moduleName, summary: moduleLine, open: moduleFunction });

/**
 * Hone's engines of a kind with those of a folder behind them: its *.mjs and *.js, and folders with an index.mjs, that export this
 * `kind`. An empty folder name means none.
 */
export const withEnginesOf = <Made extends Named>(
  kind: (typeof KINDS)[number],
  { folder, kit, own }: { readonly folder: string; readonly kit: object; readonly own: readonly Made[] },
): Promise<Made[]> =>
  withModulesOf<Made>(
    {
      ...{ folder, setting: '--engines', what: `${kind} engine`, kit, inFolders: true },
      kinds: [kind, ...KINDS.filter((other) => other !== kind)],
      check: (made) => {
        shape.parse(made);
        return made as Made;
      },
    },
    own,
  );
