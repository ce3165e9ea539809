import { HoneError } from '@hone/errors';

/** Throws where a run is to stand still. */
export function throwIfPausing(pausing: AbortSignal): void {
  if (pausing.aborted) throw new HoneError({ code: 'CANCELLED', reason: 'PAUSED', message: 'the run was paused' });
}
