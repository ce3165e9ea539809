/** grpc.health.v1.Health over statuses that this process knows. */
import { EventEmitter, once } from 'node:events';
import {
  HealthCheckResponse_ServingStatus as ServingStatus,
  HealthService,
  type HealthCheckRequest,
  type HealthCheckResponse,
} from '@hone/contracts';
import { notFound } from '@hone/errors';
import { serverStream, unary, type CallContext } from '../handlers.ts';
import type { ServiceBinding } from '../service-binding.ts';

/** A status of each service by its full name, and of the whole server by "". */
export class Health {
  private readonly statuses = new Map<string, ServingStatus>();
  private readonly ending = new AbortController();
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(services: readonly string[]) {
    for (const service of ['', ...services]) this.statuses.set(service, ServingStatus.NOT_SERVING);
  }

  set(service: string, isServing: boolean): void {
    const status = isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    if (this.ending.signal.aborted || this.statuses.get(service) === status) return;
    this.statuses.set(service, status);
    this.changes.emit('change');
  }

  /** Nothing is served from now on; whoever watches is told, and let go. */
  end(): void {
    for (const service of this.statuses.keys()) this.statuses.set(service, ServingStatus.NOT_SERVING);
    this.ending.abort();
    this.changes.emit('change');
  }

  get binding(): ServiceBinding {
    return {
      definition: HealthService,
      implementation: {
        check: unary(async ({ service }: HealthCheckRequest) => this.check(service)),
        list: unary(async () => ({
          statuses: Object.fromEntries([...this.statuses].map(([service, status]) => [service, { status }])),
        })),
        watch: serverStream(({ service }: HealthCheckRequest, context) => this.watch(service, context)),
      },
    };
  }

  private check(service: string): HealthCheckResponse {
    const status = this.statuses.get(service);
    if (status === undefined) throw notFound(`service "${service}"`, 'this server does not serve it');
    return { status };
  }

  /** The status now and at every change; that of a service that is not served is SERVICE_UNKNOWN, as the protocol wants it. */
  private async *watch(service: string, { signal }: CallContext): AsyncGenerator<HealthCheckResponse, void, undefined> {
    let told: ServingStatus | undefined;
    for (;;) {
      const status = this.statuses.get(service) ?? ServingStatus.SERVICE_UNKNOWN;
      if (status !== told) {
        yield { status };
        told = status;
        // It may have changed while the last one was taken.
        continue;
      }
      if (this.ending.signal.aborted) return;
      await once(this.changes, 'change', { signal });
    }
  }
}
