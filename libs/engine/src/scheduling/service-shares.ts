import type { ServiceCapacity } from '../ports/services.ts';
import { FairShare } from './fair-share.ts';

/** Slots at services, shared by the runs at work: as many as keep a service busy. */
export class ServiceShares {
  private readonly shares = new WeakMap<ServiceCapacity, FairShare>();

  /** The share of a service, which follows its capacity. */
  of(service: ServiceCapacity): FairShare {
    const known = this.shares.get(service);
    if (known) return known;
    const share = new FairShare(service.capacity);
    service.onCapacity((capacity) => share.resize(capacity));
    this.shares.set(service, share);
    return share;
  }
}
