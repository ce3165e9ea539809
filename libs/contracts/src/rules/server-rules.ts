/** Rules of where somebody's own server is, and how it is reached. */
import { LIMITS } from '@hone/limits';
import type { ServerTls } from '../generated/hone/types/v1/tls.ts';
import type { Violations } from './violations.ts';

/** What names a server in a message. */
export interface ServerAddress {
  /** host:port; empty means the deployment's own. */
  readonly address: string;
  readonly tls?: ServerTls | undefined;
}

/** Notes every rule that the address in the message at `path` breaks. */
export function checkServerAddress({ address, tls }: ServerAddress, path: string, violations: Violations): void {
  violations.require(address === '' || isHostPort(address), `${path}.address`, 'must be host:port', `"${address}"`);
  if (!tls) return;
  for (const file of [tls.rootCertificateFile, tls.clientCertificateFile, tls.clientKeyFile])
    violations.atMost(file, LIMITS.pathChars, `${path}.tls`);
  violations.require(address !== '', `${path}.tls`, 'may be set with an address only');
  const both = (tls.clientCertificateFile === '') === (tls.clientKeyFile === '');
  violations.require(both, `${path}.tls`, 'client_certificate_file and client_key_file must be set together');
}

/** Notes every rule that a server's reference at `path` breaks: it has one address or several. */
export function checkServerRef({ address, tls }: ServerAddress, path: string, violations: Violations): void {
  violations.atMost(address, LIMITS.pathChars, `${path}.address`);
  const addresses = address.split(',').map((one) => one.trim());
  const rule = 'must be host:port, or several separated by commas';
  violations.require(addresses.every(isHostPort), `${path}.address`, rule, `"${address}"`);
  const few = addresses.length <= LIMITS.replicas;
  violations.require(few, `${path}.address`, `must be at most ${LIMITS.replicas} addresses`, addresses.length);
  checkServerAddress({ address: addresses.find(isHostPort) ?? '', tls }, path, violations);
}

/** A name, an IPv4 address or one of IPv6 in brackets, and a port: nothing that a resolver would read otherwise, such as unix:… */
export function isHostPort(address: string): boolean {
  const [, host = '', port = ''] = /^([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.%]{2,60}\]):(\d{1,5})$/.exec(address) ?? [];
  return host !== '' && Number(port) >= 1 && Number(port) <= 65_535;
}
