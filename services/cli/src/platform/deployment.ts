/** A deployment at another address: its orchestrator says where the other services are. */
import { GetDeploymentRequest, OrchestratorServiceClient } from '@hone/contracts';
import { HoneError, invalidArgument } from '@hone/errors';
import { addressesIn, callUnary, connect, ROLES, type Role, type TlsFiles } from '@hone/rpc';
import type { Addresses } from './home.ts';

/** What clients show and trust: nothing as yet. Certificates and tokens go here, and to every client from here. */
export const CREDENTIALS: TlsFiles | undefined = undefined;

const HOST_PORT = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;

/** The address that --server or HONE_SERVER names; undefined where neither does. */
export function serverOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (!HOST_PORT.test(text) || Number(text.slice(text.lastIndexOf(':') + 1)) > 65_535)
    throw invalidArgument('--server', `must be host:port of an orchestrator, but is "${text}"`);
  return text;
}

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));
const portOf = (address: string): string => address.slice(address.lastIndexOf(':') + 1);
const isLoopback = (host: string): boolean => /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/.test(host);

/** An address as the orchestrator knows it -> as it is known from here: its own machine is the one that it was reached at. */
export const seenFrom = (server: string, address: string): string =>
  isLoopback(hostOf(address)) ? `${hostOf(server)}:${portOf(address)}` : address;

/** HONE_SAMPLER_ADDRESS and the like, for services that are reached elsewhere than the orchestrator reaches them. */
const overridden = (role: Role): string | undefined =>
  addressesIn(process.env[`HONE_${role.replaceAll('-', '_').toUpperCase()}_ADDRESS`] ?? '')[0];

const ANSWER_WITHIN_MS = 10_000;
/** Nobody is there, or another service is. */
const NO_ORCHESTRATOR: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED']);

/** Where the services of the deployment are whose orchestrator is at `server`. */
export async function findDeployment(server: string): Promise<Addresses> {
  const client = connect(OrchestratorServiceClient, server, CREDENTIALS);
  try {
    const request = GetDeploymentRequest.fromPartial({});
    const { services } = await callUnary(client, 'getDeployment', request, { timeoutMs: ANSWER_WITHIN_MS });
    // Of several replicas one is enough for a caller who comes and goes.
    const known = new Map(services.toReversed().map(({ role, address }) => [role, seenFrom(server, address)]));
    const addresses = ROLES.map((role) => [
      role,
      role === 'orchestrator' ? server : (overridden(role) ?? known.get(role)),
    ]);
    return Object.fromEntries(addresses) as Addresses;
  } catch (thrown) {
    if (!(thrown instanceof HoneError) || !NO_ORCHESTRATOR.has(thrown.code)) throw thrown;
    const message = `no orchestrator answers at ${server}: is --server (or HONE_SERVER) right, and is it up?`;
    throw new HoneError({ code: 'UNAVAILABLE', reason: 'NO_DEPLOYMENT', message, cause: thrown });
  } finally {
    client.close();
  }
}
