/** Samples of earlier iterations beside the latest ones. */
import { LIMITS } from '@hone/limits';
import { whole } from './numbers.ts';

/** Keys of recipes that may build of what earlier iterations drew. */
export const replayKeys = {
  replay: whole(0, LIMITS.iterations)
    .default(0)
    .describe(
      'So many earlier iterations whose samples the rule is applied to again, beside the latest; 0 means none. Pairs are within an iteration.',
    ),
};
