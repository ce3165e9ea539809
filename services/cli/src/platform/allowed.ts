/**
 * What the services of a home may reach for callers. The person who writes a run file or names a scorer on the command line is the
 * operator of the home: what is named there is noted in it, and services that this home starts from then on may reach it.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PartialMessage, RunSpec, ScorerRef, ServerTls } from '@hone/contracts';
import { rulesIn } from '@hone/recipes';
import { addressesIn, type Role } from '@hone/rpc';
import type { Home } from './home.ts';

const SERVICES = ['sampler', 'trainer', 'evaluator'] as const;
const LISTS = ['scorers', 'samplers', 'trainers', 'evaluators', 'judges', 'rules', 'certificates'] as const;

/** Addresses of services, judges and servers of dataset rules, and files of certificates. */
export type Allowed = Readonly<Record<(typeof LISTS)[number], readonly string[]>>;

const fileOf = (home: Home): string => path.join(home.root, 'allowed.json');

/** What a home's commands have named so far. */
export function allowedIn(home: Home): Allowed {
  let noted: Partial<Record<string, unknown>> = {};
  try {
    noted = JSON.parse(readFileSync(fileOf(home), 'utf8')) as typeof noted;
  } catch {
    // Nothing was named yet, or the note was cut short: it is made again when something is named.
  }
  const texts = (list: unknown): string[] =>
    Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : [];
  return Object.fromEntries(LISTS.map((name) => [name, texts(noted[name])])) as unknown as Allowed;
}

/** The scorers of a reference, of a combination each. */
function* scorersOf(ref: PartialMessage<ScorerRef>): Generator<PartialMessage<ScorerRef>> {
  if (ref.combination?.scorers) yield* ref.combination.scorers;
  else yield ref;
}

/** host:port of a judge's endpoint; undefined where it is none, which the scorer says then. */
function judgeOf(endpoint: string | undefined): string | undefined {
  if (!endpoint || !URL.canParse(endpoint)) return undefined;
  const { hostname, port, protocol } = new URL(endpoint);
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

/** The files that are named for TLS. */
function filesOf(tls: PartialMessage<ServerTls> | undefined): string[] {
  const files = [tls?.rootCertificateFile, tls?.clientCertificateFile, tls?.clientKeyFile];
  return files.filter((file): file is string => file !== undefined && file !== '');
}

/** Notes in the home the sampler, trainer and evaluator that a run names. */
export function allowServices(home: Home, spec: PartialMessage<RunSpec>): void {
  for (const service of SERVICES) {
    const { address = '', tls } = spec[service] ?? {};
    allow(home, { [`${service}s`]: addressesIn(address), certificates: filesOf(tls) });
  }
}

/** Notes in the home what a reference names. */
export function allowScorer(home: Home, ref: PartialMessage<ScorerRef>): void {
  const named = { scorers: [] as string[], judges: [] as string[], certificates: [] as string[] };
  for (const { address, config, tls } of scorersOf(ref)) {
    if (address) named.scorers.push(address);
    const judge = address ? undefined : judgeOf(config?.['endpoint']);
    if (judge) named.judges.push(judge);
    named.certificates.push(...filesOf(tls));
  }
  allow(home, named);
}

/** Notes in the home the servers of the dataset rules that a recipe's settings name. */
export function allowRules(home: Home, settings: object): void {
  const addresses = rulesIn(settings).map(({ settings: { address } }) => address);
  allow(home, { rules: addresses.filter((address) => address !== '') });
}

/** Notes what is named beside what is noted already. */
function allow(home: Home, named: Partial<Allowed>): void {
  const before = allowedIn(home);
  const merged = (name: keyof Allowed): string[] => [...new Set([...before[name], ...(named[name] ?? [])])];
  const after = Object.fromEntries(LISTS.map((name) => [name, merged(name)])) as unknown as Allowed;
  if (LISTS.every((name) => after[name].length === before[name].length)) return;
  mkdirSync(home.root, { recursive: true });
  const file = fileOf(home);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(after, null, 2), { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

const FLAGS: Readonly<Record<keyof Allowed, { readonly flag: string; readonly roles: readonly Role[] }>> = {
  scorers: { flag: 'allow-scorers', roles: ['evaluator', 'orchestrator'] },
  samplers: { flag: 'allow-samplers', roles: ['evaluator', 'orchestrator'] },
  trainers: { flag: 'allow-trainers', roles: ['orchestrator'] },
  evaluators: { flag: 'allow-evaluators', roles: ['orchestrator'] },
  judges: { flag: 'allow-judges', roles: ['scorer'] },
  rules: { flag: 'allow-rules', roles: ['pair-builder'] },
  certificates: { flag: 'certificates', roles: ['evaluator', 'orchestrator'] },
};

/** The flags by which a service learns of it; what the environment lists stays listed. */
export function allowedFlags(role: Role, home: Home): string[] {
  const allowed = allowedIn(home);
  return LISTS.flatMap((name) => {
    const { flag, roles } = FLAGS[name];
    const listed = process.env[`HONE_${flag.replaceAll('-', '_').toUpperCase()}`];
    const entries = [...(listed ? [listed] : []), ...allowed[name]];
    return roles.includes(role) && entries.length > 0 ? [`--${flag}`, entries.join(',')] : [];
  });
}
