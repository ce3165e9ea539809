import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@grpc/grpc-js';
import { HoneError, throwIfAborted } from '@hone/errors';
import type { Logger } from 'pino';
import type { ClientClass } from '../client.ts';
import type { PeerRole } from '../service/roles.ts';
import { addressesIn, resolveReplicas, type Resolve } from './addresses.ts';
import { Replica, type Reaching } from './replica.ts';

/** What a set is made with. */
export interface ReplicaSetOptions extends Reaching {
  readonly role: PeerRole;
  /** "host:port", or several separated by commas. */
  readonly addresses: string;
  readonly logger?: Logger | undefined;
  /** Pause between two looks at which replicas there are, and what they are. */
  readonly refreshMs?: number;
  /** How names are looked up. */
  readonly resolve?: Resolve;
}

/** Calls that keep a replica busy which does not say how many. */
const UNDESCRIBED: Readonly<Record<PeerRole, number>> = {
  sampler: 2,
  scorer: 2,
  'pair-builder': 1,
  trainer: 1,
  evaluator: 1,
};
const REFRESH_MS = 5_000;
/** Names are looked up after so many looks at what they stand for. */
const LOOKUP_AFTER = 5;
const LOOKUP_WAIT_MS = 2_000;
/** Where no replica serves, a call is tried at all of them again: one may just be starting. */
const PAUSES_MS = [100, 200, 400];

/**
 * The replicas of a service behind one name. A call goes to the one with the least calls in flight for its capacity, among equals to the
 * one that was chosen longest ago; one that answered UNAVAILABLE is left out for a while. What is called here must be safe to be
 * called twice: a call that fails before it gave anything is tried at another replica at once.
 */
export class ReplicaSet {
  private replicas: Replica[];
  private readonly options: ReplicaSetOptions;
  private readonly known: Promise<void>;
  private readonly listeners = new Set<(capacity: number) => void>();
  private choices = 0;
  private told = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private usedAt = Date.now();
  private lookedUpAt = 0;

  constructor(options: ReplicaSetOptions) {
    this.options = options;
    this.replicas = addressesIn(options.addresses).map((address) => this.open({ address, named: address }));
    this.known = this.learn();
  }

  /** As they were given, for people. */
  get addresses(): string {
    return this.options.addresses;
  }

  /** host:port of each replica, as far as they are known. */
  get members(): string[] {
    return this.replicas.map(({ address }) => address);
  }

  /** How many of them are there; at least 1. */
  get size(): number {
    return Math.max(1, this.distinct().filter(({ isThere }) => isThere !== false).length);
  }

  /** Calls that keep all of them busy; at least 1. Those that are away do not count. */
  get capacity(): number {
    const sum = this.distinct()
      .filter(({ isThere }) => isThere !== false)
      .reduce((total, replica) => total + this.capacityOf(replica), 0);
    return Math.max(1, sum);
  }

  /** Tells of changes of the capacity; gives what ends that. */
  onCapacity(listener: (capacity: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** One call, at the replica that is best for it. `preferred` goes first where it is not away. */
  async call<C extends Client, Result>(
    clientClass: ClientClass<C>,
    work: (client: C, address: string) => Promise<Result>,
    { signal, preferred }: { readonly signal?: AbortSignal | undefined; readonly preferred?: string | undefined } = {},
  ): Promise<Result> {
    await this.known;
    for (let round = 0; ; round++) {
      const passing = this.pass(signal, preferred);
      for (let replica = passing.next(); replica; replica = passing.next()) {
        try {
          return await this.using(replica, () => work(replica!.client(clientClass), replica!.address));
        } catch (thrown) {
          passing.failedWith(thrown);
        }
      }
      await this.pauseAfter(round, passing.failure, signal);
    }
  }

  /** The same call at each replica that is not away; gives their addresses with what each said. */
  async each<C extends Client, Result>(
    clientClass: ClientClass<C>,
    work: (client: C) => Promise<Result>,
  ): Promise<(readonly [string, Result])[]> {
    await this.known;
    const there = this.distinct().filter((replica) => !replica.isAway(Date.now()));
    return Promise.all(
      there.map(async (replica) => [replica.address, await work(replica.client(clientClass))] as const),
    );
  }

  /** One call that gives a stream, which is another replica's as long as it gave nothing. */
  async *stream<C extends Client, Message>(
    clientClass: ClientClass<C>,
    work: (client: C) => AsyncIterable<Message>,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<Message, void, undefined> {
    await this.known;
    for (let round = 0; ; round++) {
      const passing = this.pass(signal);
      for (let replica = passing.next(); replica; replica = passing.next()) {
        let began = false;
        replica.begin();
        try {
          for await (const message of work(replica.client(clientClass))) {
            began = true;
            yield message;
          }
          replica.served();
          return;
        } catch (thrown) {
          const failure = this.failureOf(replica, thrown);
          if (began) throw failure;
          passing.failedWith(failure);
        } finally {
          replica.end();
        }
      }
      await this.pauseAfter(round, passing.failure, signal);
    }
  }

  /** Whether nobody has called it for so long. */
  isIdle(forMs: number): boolean {
    return this.replicas.every(({ inFlight }) => inFlight === 0) && Date.now() - this.usedAt >= forMs;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.listeners.clear();
    for (const replica of this.replicas) replica.close();
  }

  /** Goes over the replicas once, the best first; those that are away come last. */
  private pass(signal: AbortSignal | undefined, preferred?: string) {
    const tried = new Set<Replica>();
    const passing = {
      failure: undefined as unknown,
      next: (): Replica | undefined => {
        throwIfAborted(signal);
        const replica = this.choose(tried, preferred);
        if (replica) tried.add(replica);
        return replica;
      },
      /** Throws what no other replica could mend. */
      failedWith: (thrown: unknown): void => {
        if (signal?.aborted || !mayMove(thrown)) throw thrown;
        passing.failure ??= thrown;
      },
    };
    return passing;
  }

  private async pauseAfter(round: number, failure: unknown, signal: AbortSignal | undefined): Promise<void> {
    const pauseMs = PAUSES_MS[round];
    if (pauseMs === undefined || this.closed) throw failure;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    throwIfAborted(signal);
  }

  private choose(tried: ReadonlySet<Replica>, preferred?: string): Replica | undefined {
    const nowMs = Date.now();
    const left = this.distinct().filter((replica) => !tried.has(replica));
    const there = left.filter((replica) => !replica.isAway(nowMs));
    const wanted = there.find(({ address }) => address === preferred);
    const best = wanted ?? there.toSorted((one, other) => this.compare(one, other))[0];
    const chosen = best ?? left.toSorted((one, other) => one.backMs - other.backMs)[0];
    if (chosen) chosen.chosen = this.choices += 1;
    this.usedAt = nowMs;
    return chosen;
  }

  private compare(one: Replica, other: Replica): number {
    const load = (replica: Replica): number => replica.inFlight / this.capacityOf(replica);
    return load(one) - load(other) || one.chosen - other.chosen;
  }

  private capacityOf({ description }: Replica): number {
    return Math.max(1, description ? description.capacity : UNDESCRIBED[this.options.role]);
  }

  /** Two addresses of one process are one replica. */
  private distinct(): Replica[] {
    const seen = new Set<string>();
    return this.replicas.filter(({ description }) => {
      const instance = description?.instance ?? '';
      if (instance === '') return true;
      const isNew = !seen.has(instance);
      seen.add(instance);
      return isNew;
    });
  }

  private async using<Result>(replica: Replica, work: () => Promise<Result>): Promise<Result> {
    replica.begin();
    try {
      const result = await work();
      replica.served();
      return result;
    } catch (thrown) {
      throw this.failureOf(replica, thrown);
    } finally {
      replica.end();
    }
  }

  /** What a call failed with, in the terms of the addresses that were given; notes that the replica is away where it is. */
  private failureOf(replica: Replica, thrown: unknown): unknown {
    if (!mayMove(thrown)) return thrown;
    replica.failed(Date.now());
    const { address } = thrown.metadata;
    if (address !== replica.address || replica.address === replica.named) return thrown;
    const { code, reason, message, violations } = thrown;
    const metadata = { ...thrown.metadata, address: replica.named };
    return HoneError.received({ code, reason, message, violations, metadata, cause: thrown });
  }

  private open(at: { readonly address: string; readonly named: string }): Replica {
    return new Replica(at, this.options);
  }

  /** Learns of the replicas for the first time; a name that is not looked up soon is not waited for. */
  private async learn(): Promise<void> {
    await Promise.race([this.findReplicas(), sleep(LOOKUP_WAIT_MS, undefined, { ref: false })]);
    await this.refresh();
  }

  /** Finds out what each replica can take, and now and then which there are; again after a while. */
  private async refresh(): Promise<void> {
    const refreshMs = this.options.refreshMs ?? REFRESH_MS;
    if (Date.now() - this.lookedUpAt > LOOKUP_AFTER * refreshMs) void this.findReplicas();
    if (this.closed) return;
    await Promise.all(this.replicas.map((replica) => this.look(replica)));
    if (this.closed) return;
    const { capacity } = this;
    if (capacity !== this.told) {
      this.told = capacity;
      for (const listener of this.listeners) listener(capacity);
    }
    this.timer = setTimeout(() => void this.refresh(), refreshMs).unref();
  }

  private async findReplicas(): Promise<void> {
    this.lookedUpAt = Date.now();
    const found = await resolveReplicas(addressesIn(this.options.addresses), this.options.resolve);
    if (this.closed) return;
    const before = new Map(this.replicas.map((replica) => [replica.address, replica]));
    this.replicas = found.map((at) => before.get(at.address) ?? this.open(at));
    for (const replica of before.values()) if (!this.replicas.includes(replica)) replica.close();
  }

  private async look(replica: Replica): Promise<void> {
    const before = replica.isThere;
    await replica.look();
    const { role, logger } = this.options;
    const { address, isThere, description } = replica;
    const other = description && description.role !== role ? description.role : undefined;
    if (other !== undefined && before !== false)
      logger?.error({ address }, `${address} is to be a ${role}, but says that it is a ${other}: it is left out`);
    if (other !== undefined) replica.isThere = false;
    if (this.replicas.length < 2) return;
    if (before === false && replica.isThere) logger?.info({ address }, `${role} ${address} is there`);
    if (before !== false && !isThere) logger?.warn({ address }, `${role} ${address} is away`);
  }
}

/** Whether another replica may do better. A worker that ended may have ended of the work itself. */
const mayMove = (thrown: unknown): thrown is HoneError =>
  thrown instanceof HoneError && thrown.code === 'UNAVAILABLE' && thrown.reason !== 'WORKER_ENDED';
