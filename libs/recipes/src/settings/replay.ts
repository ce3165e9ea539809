/** Samples of earlier iterations beside the latest ones. */
import { LIMITS } from '@hone/limits';
import { whole } from './numbers.ts';

/** Keys of recipes that may build of what earlier iterations drew; so many of them where nothing is said. */
export const replayKeysWith = (initial: number) => ({
  replay: whole(0, LIMITS.iterations)
    .default(initial)
    .describe(
      'So many earlier iterations whose samples the rule is applied to again, beside the latest; 0 means none. Pairs are within an iteration.',
    ),
});

export const replayKeys = replayKeysWith(0);
