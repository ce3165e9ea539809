/** Fields of a RunSpec, as errors and warnings of services name them, by the keys of a run file, which are what a person types. */
import { HoneError } from '@hone/errors';

/** The longer field first, where one begins another. */
const KEYS: readonly (readonly [field: RegExp, key: string])[] = [
  [/\bpairs\.pairs_per_problem\b/g, 'pairs.per_problem'],
  [/\btraining\.optimizer\.(?=\w)/g, 'training.'],
  [/\btraining\.loss\.(?=\w)/g, 'training.'],
  [/\bevaluation\.majority\.sampling\.temperature\b/g, 'evaluation.majority_temperature'],
  [/\bevaluation\.majority\.k\b/g, 'evaluation.majority_k'],
  [/\bspec\.(?=[a-z_]+\b)/g, ''],
];

/** A text of a service about a run's spec, for who wrote a run file. */
export const byFileKeys = (text: string): string =>
  KEYS.reduce((changed, [field, key]) => changed.replace(field, key), text);

/** Does `work`, a call with a spec, and names what is wrong with the spec by the keys of a run file. */
export async function namedByFileKeys<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof HoneError) || thrown.violations.length === 0) throw thrown;
    const { code, reason, violations, metadata } = thrown;
    throw new HoneError({ code, reason, message: byFileKeys(thrown.message), violations, metadata, cause: thrown });
  }
}
