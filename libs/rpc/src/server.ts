/** A gRPC server with health and reflection, and an orderly end. */
import {
  ResponderBuilder,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { failedPrecondition, invalidArgument } from '@hone/errors';
import type { Logger } from 'pino';
import { Health } from './health/health-service.ts';
import { followReadiness, type Dependency } from './health/readiness.ts';
import { logged } from './log/call-log.ts';
import { readingSafely } from './malformed.ts';
import type { ServiceBinding } from './service-binding.ts';
import { statusText } from './status.ts';

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

/** What to serve, and where. */
export interface ServerOptions {
  /** host:port, with port 0 for any free one. */
  readonly address: string;
  readonly services: readonly ServiceBinding[];
  /** What the services need: where it is missing, health says NOT_SERVING. */
  readonly dependencies?: readonly Dependency[];
  /** Pause between two looks at the dependencies. */
  readonly readinessMs?: number;
  /** Gets a line for each call that fails; without one they leave none. */
  readonly logger?: Logger;
}

/** Starts a server of these services, which listens once it is known whether they can work. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { logger, dependencies = [], readinessMs } = options;
  const server = new Server({ ...CONNECTIONS, interceptors: [withSafeStatuses] });
  const names = options.services.map(({ definition }) => serviceName(definition));
  const health = new Health(names);
  for (const service of [...options.services, health.binding]) {
    const implementation = logger ? logged(service, logger) : service.implementation;
    server.addService(readingSafely(service.definition, service.demands), implementation);
  }
  // Clients, which import this module, too, need none.
  const { reflectionFor } = await import('./reflection.ts');
  reflectionFor(names).addToServer(server);
  const address = await bind(server, options.address);
  const readiness = followReadiness({ health, services: names, dependencies, logger, everyMs: readinessMs });
  await readiness.known;
  return {
    address,
    close: async (drainMs = 10_000) => {
      readiness.end();
      health.end();
      const forced = setTimeout(() => server.forceShutdown(), drainMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(forced);
    },
  };
}
