/** What a service is started with, read from flags and the environment. */
import { parseArgs } from 'node:util';
import { invalidArgument } from '@hone/errors';
import type { Logger } from 'pino';
import { PEER_ROLES, type PeerAddresses, type Role } from './roles.ts';
import { ALL_SETTINGS, PEER_SETTINGS, SETTINGS, type Setting } from './settings.ts';

type Values = { readonly [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]['parse']> };

/** What a service is started with; each is described where it is read (`SETTINGS`). */
export interface ServiceOptions extends Omit<Values, 'drainMs' | 'logLevel'> {
  readonly role: Role;
  readonly peers: PeerAddresses;
  readonly logger: Logger;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** All that flags and environment say. */
export interface Settings extends Values {
  readonly peers: PeerAddresses;
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Flags as they stand on the command line; a flag that no service has is an error that names those there are. */
export function parseFlags(argv: readonly string[]): Flags {
  const names = ALL_SETTINGS.flatMap(({ flag }) => (flag === undefined ? [] : [flag]));
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const others = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { ...options, ...others },
      strict: true,
      allowPositionals: false,
    });
    return values as Flags;
  } catch (thrown) {
    const known = names.map((name) => `--${name}`).join(' ');
    throw invalidArgument('flags', `${(thrown as Error).message} (known: ${known}; --help says more)`);
  }
}

function read<Value>(it: Setting<Value>, role: Role, flags: Flags, environment: NodeJS.ProcessEnv): Value {
  const flag = it.flag === undefined ? undefined : flags[it.flag];
  if (flag !== undefined) return it.parse(String(flag), `--${it.flag}`);
  // An empty variable is one that is not set.
  const variable = environment[it.variable] || undefined;
  return it.parse(variable ?? it.fallback(role), variable === undefined && it.flag ? `--${it.flag}` : it.variable);
}

/** Reads all settings of a role, and checks them. */
export function readSettings(role: Role, flags: Flags, environment: NodeJS.ProcessEnv = process.env): Settings {
  const values = Object.entries(SETTINGS).map(([name, it]) => [name, read<unknown>(it, role, flags, environment)]);
  const peers = PEER_ROLES.map((peer) => [peer, read(PEER_SETTINGS[peer], role, flags, environment)]);
  return { ...Object.fromEntries(values), peers: Object.fromEntries(peers) } as Settings;
}
