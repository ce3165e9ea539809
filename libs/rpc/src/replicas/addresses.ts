/** Where the replicas of a service are: several addresses, of which a name may stand for several again. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isHostPort } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { hostOf, parseList, portOf } from '../host-port.ts';

/** The addresses of a setting, "a:1,b:2", each once. */
export const addressesIn = (text: string): string[] => [...new Set(parseList(text))];

/** Checks a setting that names the replicas of a service; gives it as it is kept. */
export function parsePeer(text: string, field: string): string {
  const addresses = addressesIn(text);
  const wrong = addresses.find((entry) => !isHostPort(entry));
  if (wrong === undefined && addresses.length > 0) return addresses.join(',');
  throw invalidArgument(field, `must be host:port, or several separated by commas, but is "${wrong ?? text}"`);
}

/** One replica: where it is, and which of the addresses that were given stands for it. */
export interface ReplicaAddress {
  readonly address: string;
  readonly named: string;
}

/** What a resolver says of a host's addresses. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** One name at a time: a lookup holds a thread of the few that files are read and written by. */
let lookups: Promise<unknown> = Promise.resolve();
function system(host: string): ReturnType<Resolve> {
  const found = lookups.then(() => lookup(host, { all: true }));
  lookups = found.catch(() => undefined);
  return found;
}

/**
 * A name that stands for several machines, such as that of a headless service, is all of them. Of a machine with addresses of both
 * families it is one: only those of IPv4 count where there are any. A name that cannot be looked up stays as it is.
 */
async function replicasAt(named: string, resolve: Resolve): Promise<ReplicaAddress[]> {
  const host = hostOf(named);
  const alone = [{ address: named, named }];
  if (host.startsWith('[') || isIP(host) !== 0 || /^localhost$/i.test(host)) return alone;
  const found = await resolve(host).catch(() => []);
  const family = found.some((one) => one.family === 4) ? 4 : 6;
  const machines = [...new Set(found.filter((one) => one.family === family).map(({ address }) => address))].sort();
  if (machines.length < 2) return alone;
  const port = portOf(named);
  return machines.map((ip) => ({ address: family === 4 ? `${ip}:${port}` : `[${ip}]:${port}`, named }));
}

/** All replicas that these addresses stand for now, each once, in an order that depends on them only. */
export async function resolveReplicas(
  addresses: readonly string[],
  resolve: Resolve = system,
): Promise<ReplicaAddress[]> {
  const found = (await Promise.all(addresses.map((named) => replicasAt(named, resolve)))).flat();
  return [...new Map(found.map((replica) => [replica.address, replica])).values()];
}
