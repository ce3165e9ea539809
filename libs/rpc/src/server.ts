/** A gRPC server with health and reflection, and an orderly end. */
import {
  ResponderBuilder,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { failedPrecondition, invalidArgument } from '@hone/errors';
import { HealthImplementation } from 'grpc-health-check';
import { readingSafely, type RequestDemands } from './malformed.ts';
import { reflectionFor } from './reflection.ts';
import { statusText } from './status.ts';

/** A service and what answers it. */
export interface ServiceBinding {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
  /** What it asks of every request; absent for nothing but that it is well-formed. */
  readonly demands?: RequestDemands;
}

/** A server that listens. */
export interface RunningServer {
  /** host:port, with the port that the system assigned where 0 was asked. */
  readonly address: string;
  /** Refuses new calls, lets running ones end for at most drainMs, then ends them. */
  close(drainMs?: number): Promise<void>;
}

/** Fully qualified name of a service, from the path of any of its methods ("/hone.x.v1.XService/Method"). */
function serviceName(definition: ServiceDefinition): string {
  const [method] = Object.values(definition);
  return method?.path.split('/')[1] ?? '';
}

/** Every status that leaves the server, whoever made it, has a text that can be sent: gRPC's own encoder throws on others. */
const withSafeStatuses: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(
    call,
    new ResponderBuilder()
      .withSendStatus((status, next) => next({ ...status, details: statusText(String(status.details ?? '')) }))
      .build(),
  );

async function bind(server: Server, address: string): Promise<string> {
  const host = address.slice(0, address.lastIndexOf(':'));
  if (!host || !/^\d+$/.test(address.slice(host.length + 1))) {
    throw invalidArgument('address', `must be host:port, but is "${address}"`);
  }
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (!error) resolve(`${host}:${port}`);
      else if (/EADDRINUSE|address already in use/i.test(error.message)) {
        const advice = `${address} is in use: end the process that holds it, or choose another (--address; of hone up: --port-base)`;
        reject(failedPrecondition('PORT_IN_USE', advice, { address }));
      } else reject(invalidArgument('address', `cannot listen on "${address}": ${error.message}`, error));
    });
  });
}

/**
 * A connection without calls is closed after a while (clients connect again by themselves), and one whose other end is gone is found
 * out by pings.
 */
const CONNECTIONS = {
  'grpc.max_connection_idle_ms': 300_000,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.max_concurrent_streams': 1000,
} as const;

/** Starts a server of these services on `address` (host:port, port 0 for any free one). */
export async function startServer(options: {
  readonly address: string;
  readonly services: readonly ServiceBinding[];
}): Promise<RunningServer> {
  const server = new Server({ ...CONNECTIONS, interceptors: [withSafeStatuses] });
  for (const { definition, implementation, demands } of options.services)
    server.addService(readingSafely(definition, demands), implementation);
  const names = options.services.map(({ definition }) => serviceName(definition));
  const health = new HealthImplementation(Object.fromEntries(['', ...names].map((name) => [name, 'NOT_SERVING'])));
  health.addToServer(server);
  reflectionFor(names).addToServer(server);
  const address = await bind(server, options.address);
  for (const name of ['', ...names]) health.setStatus(name, 'SERVING');
  return {
    address,
    close: async (drainMs = 10_000) => {
      for (const name of ['', ...names]) health.setStatus(name, 'NOT_SERVING');
      const forced = setTimeout(() => server.forceShutdown(), drainMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(forced);
    },
  };
}
