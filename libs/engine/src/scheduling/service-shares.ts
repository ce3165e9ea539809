import type { Places } from '../ports/services.ts';
import { FairShare } from './fair-share.ts';

/** Places at services, shared by the runs at work: as many as keep a service busy. */
export class ServiceShares {
  private readonly shares = new WeakMap<Places, FairShare>();

  /** The share of a service, which follows its capacity. */
  of(places: Places): FairShare {
    const known = this.shares.get(places);
    if (known) return known;
    const share = new FairShare(places.capacity);
    places.onCapacity((capacity) => share.resize(capacity));
    this.shares.set(places, share);
    return share;
  }
}
