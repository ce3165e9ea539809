import type { ServiceWait } from '@hone/contracts';
import type { NewEvent } from '../ledger/events.ts';
import type { ServiceName, Services } from '../ports/services.ts';
import type { FailedTry } from './retry.ts';

const NAMES: Readonly<Record<ServiceName, string>> = {
  sampler: 'sampler',
  scorer: 'scorer',
  pairBuilder: 'pair-builder',
  trainer: 'trainer',
  evaluator: 'evaluator',
};

/** What a failed try says to the watchers of the run. */
export function serviceWait(called: ServiceName, addresses: Services['addresses'], failed: FailedTry): ServiceWait {
  const { error, attempt, pauseMs } = failed;
  const address = error.metadata['address'] ?? addresses[called];
  return {
    service: NAMES[serviceAt(address, called, addresses)],
    address,
    attempt,
    nextTrySeconds: pauseMs / 1000,
    code: error.code,
    reason: error.reason,
    message: error.message,
  };
}

/** The service that is away: it may be one that the called one calls in turn. Scorers may listen anywhere. */
function serviceAt(address: string, called: ServiceName, addresses: Services['addresses']): ServiceName {
  const known = Object.keys(addresses) as ServiceName[];
  return (
    known.find((name) => addresses[name].split(',').includes(address)) ?? (called === 'evaluator' ? 'scorer' : called)
  );
}

/** As an event of a run. */
export const waitingEvent = (value: ServiceWait): NewEvent['event'] => ({ $case: 'waiting', value });

/** Tries that overlap, such as those of two shards, are told as one: of each service what is due, not more often. */
export class WaitFilter {
  private readonly quietUntil = new Map<string, number>();

  /** Whether a failed try is to be told. */
  isNews({ service, address, nextTrySeconds }: ServiceWait, nowMs: number): boolean {
    const key = `${service} ${address}`;
    if (nowMs < (this.quietUntil.get(key) ?? 0)) return false;
    // Up to just before the next try of the one that is told.
    this.quietUntil.set(key, nowMs + 900 * nextTrySeconds);
    return true;
  }
}
