/** What the registries of sampling engines and of training engines have in common. */
import { invalidArgument } from '@hone/errors';
import { z } from 'zod';
import { moduleFunction, moduleLine, moduleName, withModulesOf } from './load-modules.ts';

/** An engine that can be chosen. */
interface EngineType {
  readonly name: string;
  readonly summary: string;
}

/** The engine of this name; one that is not there is INVALID_ARGUMENT that lists those that are. */
export function chosenEngine<Found extends EngineType>(name: string, engines: readonly Found[]): Found {
  const engine = engines.find((known) => known.name === name);
  if (engine) return engine;
  const known = engines.map((other) => other.name).join(', ');
  throw invalidArgument('--engine', `must be one of ${known}, but is "${name}" (--engines FOLDER adds your own)`);
}

/** Modules of an engines folder say which kind they make by their export `kind`. */
const KINDS = ['sampling', 'training'] as const;

/** What is asked of an engine that came from elsewhere. */
const shape = z.object({ name: moduleName, summary: moduleLine, open: moduleFunction });

/**
 * Hone's engines of a kind with those of a folder behind them: its *.mjs and *.js, and folders with an index.mjs, that export this
 * `kind`. An empty folder name means none.
 */
export const withEnginesOf = <Made extends EngineType>(
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
