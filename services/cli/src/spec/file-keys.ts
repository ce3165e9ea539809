/** Fields of a RunSpec, as errors and warnings of services name them, by the keys of a run file, which are what a person types. */
import { HoneError } from '@hone/errors';
import { fileKeyOf } from '@hone/recipes';

const UPLOADED: Readonly<Record<string, string>> = {
  base_checkpoint: 'checkpoint',
  train_problem_set: 'train',
  validation_problem_set: 'validation',
  test_problem_set: 'test',
};

/** A text of a service about a run's spec, for who wrote a run file. */
export const byFileKeys = (text: string): string =>
  text
    .replace(/\bspec\.settings\.(?=\w)/g, '')
    .replace(/\bspec\.([a-z_]+)\b/g, (_, field: string) => UPLOADED[field] ?? fileKeyOf(field))
    // The trainer knows its own message, where these two are parts of a training.
    .replace(/\btraining\.(?:optimizer|loss\.settings|loss)\.(?=\w)/g, 'training.');

/** Does `work`, a call with a spec, and names what is wrong with the spec by the keys of a run file. */
export async function namedByFileKeys<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof HoneError) || thrown.violations.length === 0) throw thrown;
    const { code, reason, violations, metadata } = thrown;
    throw HoneError.received({
      code,
      reason,
      message: byFileKeys(thrown.message),
      violations,
      metadata,
      cause: thrown,
    });
  }
}
