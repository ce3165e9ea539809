import { DescriptionServiceClient, type ServiceDescription } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import type { Client } from '@grpc/grpc-js';
import { connect, type ClientClass, type TlsFiles } from '../client.ts';
import { describeBy } from '../description/describe-service.ts';
import { hostOf } from '../host-port.ts';
import type { ReplicaAddress } from './addresses.ts';

/** How servers are reached, beside where. */
export interface Reaching {
  readonly tls?: TlsFiles | undefined;
  /** Where the files of `tls` must lie; absent for anywhere. */
  readonly certificates?: readonly string[] | undefined;
}

/** What a server says of itself: undefined where it does not say. */
async function descriptionFrom(
  client: DescriptionServiceClient,
  timeoutMs: number,
): Promise<ServiceDescription | undefined> {
  try {
    return await describeBy(client, timeoutMs);
  } catch (thrown) {
    if (thrown instanceof HoneError && thrown.code === 'UNIMPLEMENTED') return undefined;
    throw thrown;
  }
}

/** Whoever chooses among replicas repeats calls himself; and one that was away for long is found again soon. */
const CHANNEL = {
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 5_000,
} as const;

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;
const DESCRIBE_TIMEOUT_MS = 3_000;

/** A process of a service, and what is known of it. */
export class Replica {
  readonly address: string;
  /** The address that was given for it. */
  readonly named: string;
  /** Calls under way. */
  inFlight = 0;
  /** When it was chosen last, in a count of choices. */
  chosen = 0;
  /** Undefined until it is known; then whether it answers. */
  isThere: boolean | undefined;
  /** Undefined where it does not say, or not yet. */
  description: ServiceDescription | undefined;
  private readonly reaching: Reaching;
  private readonly clients = new Map<ClientClass<Client>, Client>();
  private failures = 0;
  private awayUntil = 0;
  private closing = false;

  constructor({ address, named }: ReplicaAddress, { tls, certificates }: Reaching) {
    this.address = address;
    this.named = named;
    // The certificate is that of the name, also where the name stands for several machines.
    const serverName = tls?.serverName || (address === named ? undefined : hostOf(named));
    this.reaching = { tls: tls && { ...tls, serverName }, certificates };
  }

  /** A client of one of its services. */
  client<C extends Client>(clientClass: ClientClass<C>): C {
    const { tls, certificates } = this.reaching;
    const client = this.clients.get(clientClass) ?? connect(clientClass, this.address, tls, certificates, CHANNEL);
    this.clients.set(clientClass, client);
    return client as C;
  }

  /** Whether it is left out while others serve. */
  isAway(nowMs: number): boolean {
    return this.isThere === false || nowMs < this.awayUntil;
  }

  /** When it is asked again. */
  get backMs(): number {
    return this.awayUntil;
  }

  /** It did not serve: longer and longer it is left out. */
  failed(nowMs: number): void {
    this.awayUntil = nowMs + Math.min(FIRST_BACKOFF_MS * 2 ** this.failures, MAX_BACKOFF_MS);
    this.failures += 1;
  }

  served(): void {
    this.isThere = true;
    this.failures = 0;
    this.awayUntil = 0;
  }

  /** Asks what it is. */
  async look(): Promise<void> {
    const [before, wasThere] = [this.description?.instance, this.isThere];
    try {
      this.description = await descriptionFrom(this.client(DescriptionServiceClient), DESCRIBE_TIMEOUT_MS);
      this.isThere = true;
    } catch {
      this.isThere = false;
      return;
    }
    const isAnother = before !== undefined && before !== this.description?.instance;
    if (isAnother || wasThere === false) this.served();
  }

  /** It is none of the service's any longer; calls under way go on. */
  close(): void {
    this.closing = true;
    if (this.inFlight > 0) return;
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  begin(): void {
    this.inFlight += 1;
  }

  end(): void {
    this.inFlight -= 1;
    if (this.closing) this.close();
  }
}
