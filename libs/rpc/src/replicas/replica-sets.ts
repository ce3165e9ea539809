import type { ServerAddress } from '@hone/contracts';
import type { Logger } from 'pino';
import type { PeerAddresses, PeerRole } from '../service/roles.ts';
import { ReplicaSet } from './replica-set.ts';

/** What sets are made with. */
export interface ReplicaSetsOptions {
  /** Where the deployment's own services are: those that are called. */
  readonly own: Partial<PeerAddresses>;
  /** Where the certificates must lie that callers name. */
  readonly certificates?: readonly string[] | undefined;
  readonly logger?: Logger | undefined;
}

/** A set that callers named is let go of when it was not used for so long, */
const IDLE_MS = 600_000;
/** or when nobody uses it and so many were used since: each looks after its replicas. */
const MOST_NAMED = 64;

/**
 * The services that a process calls: the deployment's own, and those that its callers name. Who names the same address shares its set,
 * and with it what is known of its replicas.
 */
export class ReplicaSets {
  private readonly options: ReplicaSetsOptions;
  private readonly own = new Map<PeerRole, ReplicaSet>();
  private readonly named = new Map<string, ReplicaSet>();

  constructor(options: ReplicaSetsOptions) {
    this.options = options;
    for (const [role, addresses] of Object.entries(options.own) as [PeerRole, string | undefined][])
      if (addresses !== undefined) this.own.set(role, this.open(role, { address: addresses }));
  }

  /** The service of a role that a caller names; the deployment's own where none is named. Not to be held on to. */
  at(role: PeerRole, named?: ServerAddress): ReplicaSet {
    if (!named || named.address === '') return this.own.get(role)!;
    const key = JSON.stringify([role, named.address, named.tls ?? null]);
    const known = this.named.get(key);
    if (known) {
      // The one that was asked for last is the last.
      this.named.delete(key);
      this.named.set(key, known);
      return known;
    }
    for (const [other, set] of this.named)
      if (set.isIdle(this.named.size < MOST_NAMED ? IDLE_MS : 0)) this.drop(other, set);
    const made = this.open(role, named);
    this.named.set(key, made);
    return made;
  }

  close(): void {
    for (const set of [...this.own.values(), ...this.named.values()]) set.close();
  }

  private open(role: PeerRole, { address: addresses, tls }: ServerAddress): ReplicaSet {
    const { certificates, logger } = this.options;
    return new ReplicaSet({ role, addresses, tls, certificates, logger });
  }

  private drop(key: string, set: ReplicaSet): void {
    this.named.delete(key);
    set.close();
  }
}
