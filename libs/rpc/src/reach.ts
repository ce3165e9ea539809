/**
 * What a service reaches for its callers. A request may name addresses and files; only what the operator listed is connected to or
 * opened for it. A service that listens on this machine alone may reach this machine too, since its callers can.
 */
import { isHostPort, type ServerAddress, type Violations } from '@hone/contracts';
import { HoneError, invalidArgument } from '@hone/errors';
import { clientCredentials } from './client.ts';
import { hostOf, parseList } from './host-port.ts';
import { addressesIn } from './replicas/addresses.ts';

/** What the operator listed. */
export interface Reach {
  /** "host:port", "host:*" for any port, or "*" for any address. */
  readonly addresses: readonly string[];
  /** Whether addresses of this machine are allowed without being listed. */
  readonly loopback: boolean;
  /** Files, and folders with files, that a caller may name as certificates. */
  readonly certificates: readonly string[];
}

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether an address (host:port) is one of this machine that no other reaches. */
export const isLoopback = (address: string): boolean => LOOPBACK_HOST.test(hostOf(address));

/** Whether a service with this reach may connect to host:port. */
export function mayReach(address: string, { addresses, loopback }: Reach): boolean {
  if (loopback && isLoopback(address)) return true;
  const asked = address.toLowerCase();
  return addresses.some((listed) => listed === '*' || listed === asked || listed === `${hostOf(asked)}:*`);
}

/** Reads a list of addresses: "a:1,b:*". `field` names the setting in errors. */
export function parseAddresses(text: string, field: string): string[] {
  const entries = parseList(text).map((entry) => entry.toLowerCase());
  const wrong = entries.find((entry) => entry !== '*' && !isHostPort(entry.replace(/:\*$/, ':1')));
  if (wrong === undefined) return entries;
  throw invalidArgument(field, `must be host:port, host:* or *, separated by commas, but has "${wrong}"`);
}

/** What servers a service may call for its callers. */
export interface Reachable {
  readonly reach: Reach;
  /** What such a server is, with its article, such as "a scorer". */
  readonly kind: string;
  /** The setting by which an operator lists addresses, without dashes. */
  readonly flag: string;
}

/** Notes the fields at `path` that name an address or a file which the operator has not listed; there may be several addresses. */
export function noteUnreachable(
  { address, tls }: ServerAddress,
  path: string,
  { reach, kind, flag }: Reachable,
  violations: Violations,
): void {
  const variable = `HONE_${flag.toUpperCase().replaceAll('-', '_')}`;
  const rule =
    `must be ${kind} that this service may call: on the machine of a service that listens on loopback, or one that its operator ` +
    `lists by --${flag} (${variable})`;
  for (const one of addressesIn(address)) violations.require(mayReach(one, reach), `${path}.address`, rule, `"${one}"`);
  if (!tls) return;
  try {
    clientCredentials(tls, reach.certificates);
  } catch (thrown) {
    if (!(thrown instanceof HoneError)) throw thrown;
    for (const { field, description } of thrown.violations) violations.require(false, `${path}.${field}`, description);
  }
}

/** The settings of a service that say what it may reach, and where it listens; absent means on loopback. */
export interface ReachSettings {
  readonly address?: string;
  readonly allowScorers?: readonly string[];
  readonly allowSamplers?: readonly string[];
  readonly allowTrainers?: readonly string[];
  readonly allowEvaluators?: readonly string[];
  readonly allowJudges?: readonly string[];
  readonly allowRules?: readonly string[];
  readonly certificates?: readonly string[];
}

const LOOPBACK = '127.0.0.1:0';

/** What a service with these settings may reach of one kind of servers. */
const reachOf = (
  { address = LOOPBACK, certificates = [] }: ReachSettings,
  addresses: readonly string[] = [],
): Reach => ({
  addresses,
  loopback: isLoopback(address),
  certificates,
});

/** What a service that calls scorers may reach for its callers. */
export const scorerReach = (settings: ReachSettings): Reach => reachOf(settings, settings.allowScorers);

/** What the scorer that asks language models may reach for its callers. */
export const judgeReach = (settings: ReachSettings): Reach =>
  reachOf({ ...settings, certificates: [] }, settings.allowJudges);

/** What the pair-builder may reach for its callers. */
export const ruleReach = (settings: ReachSettings): Reach => reachOf(settings, settings.allowRules);

/** Services that callers may name in the place of the deployment's own. */
export const NAMED_SERVICES = ['sampler', 'trainer', 'evaluator'] as const;
export type NamedService = (typeof NAMED_SERVICES)[number];

/** What a service may reach of another service that its callers name. */
export function serviceReach(role: NamedService, settings: ReachSettings): Reachable {
  const { allowSamplers: sampler, allowTrainers: trainer, allowEvaluators: evaluator } = settings;
  const reach = reachOf(settings, { sampler, trainer, evaluator }[role]);
  return { reach, kind: `${role === 'evaluator' ? 'an' : 'a'} ${role}`, flag: `allow-${role}s` };
}
