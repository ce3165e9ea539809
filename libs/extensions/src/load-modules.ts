/** An operator's own recipes or engines: a folder of modules, each of which makes one from what it is given. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { HoneError, invalidArgument } from '@hone/errors';
import { z } from 'zod';

/** What is loaded from a folder, and how. */
export interface ModuleFolder<Made> {
  /** Empty means none. */
  readonly folder: string;
  /** What names the folder in errors: "--recipes". */
  readonly setting: string;
  /** What a module makes, for errors: "recipe". */
  readonly what: string;
  /** What a module's default export, a function, is given. */
  readonly kit: object;
  /** Takes what it made; throws where that is none. `where` names the file for errors that are thrown as they are. */
  readonly check: (made: unknown, where: string) => Made;
  /** Where one folder holds several kinds: those whose export `kind` is the first are loaded, the others are left to who wants them. */
  readonly kinds?: readonly [wanted: string, ...others: string[]];
  /** Whether a module may be a folder with an index.mjs, too. */
  readonly inFolders?: boolean;
}

const isModule = (name: string): boolean => /\.m?js$/.test(name) && !/\.test\.m?js$/.test(name);

/** The file of a folder's entry; undefined where it holds no module. */
function moduleAt(file: string, inFolders: boolean): string | undefined {
  if (isModule(file)) return file;
  if (!inFolders || !statSync(file).isDirectory()) return undefined;
  return ['index.mjs', 'index.js'].map((name) => path.join(file, name)).find((file) => existsSync(file));
}

function modulesIn({ folder, setting, inFolders = false }: ModuleFolder<unknown>): string[] {
  try {
    const names = readdirSync(folder).sort();
    return names.flatMap((name) => moduleAt(path.resolve(folder, name), inFolders) ?? []);
  } catch (thrown) {
    throw invalidArgument(setting, `must be a folder that can be read, but is ${folder}`, thrown);
  }
}

/** What a module makes; undefined where it is of another kind. */
async function load<Made>(file: string, options: ModuleFolder<Made>): Promise<Made | undefined> {
  const { setting, what, kit, check, kinds } = options;
  const where = `${setting}: ${file}`;
  const module = (await import(pathToFileURL(file).href).catch((thrown: unknown) => {
    throw invalidArgument(where, `cannot be loaded: ${String(thrown)}`, thrown);
  })) as { default?: unknown; kind?: unknown };
  if (kinds && !kinds.includes(module.kind as string))
    throw invalidArgument(where, `must export "kind" as one of ${kinds.map((kind) => `"${kind}"`).join(', ')}`);
  if (kinds && module.kind !== kinds[0]) return undefined;
  if (typeof module.default !== 'function')
    throw invalidArgument(where, `must have a function as its default export, which makes the ${what}`);
  try {
    return check((module.default as (given: object) => unknown)(kit), where);
  } catch (thrown) {
    if (thrown instanceof HoneError) throw thrown;
    const issues = thrown instanceof z.ZodError ? thrown.issues : [];
    const told = issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ');
    throw invalidArgument(where, `makes no ${what}: ${told || String(thrown)}`, thrown);
  }
}

/** Hone's own with those of a folder behind them. A file that makes none is an error, as is a name that is taken. */
export async function withModulesOf<Made extends { readonly name: string }>(
  options: ModuleFolder<Made>,
  own: readonly Made[],
): Promise<Made[]> {
  const all = [...own];
  for (const file of options.folder === '' ? [] : modulesIn(options)) {
    const made = await load(file, options);
    if (made === undefined) continue;
    if (all.some(({ name }) => name === made.name)) {
      const rule = `must have a name of its own: there is a ${options.what} "${made.name}"`;
      throw invalidArgument(`${options.setting}: ${file}`, rule);
    }
    all.push(made);
  }
  return all;
}

/** Names of what is loaded, and texts about it. */
export const moduleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be small letters, digits and hyphens, 63 at most');
export const moduleLine = z.string().min(1).max(1_000);
export const moduleFunction = z.custom((value) => typeof value === 'function', 'must be a function');
