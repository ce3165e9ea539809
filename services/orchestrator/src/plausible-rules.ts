/** Numbers of a run's spec that no service would refuse by themselves, but that nobody can mean. */
import type { ArtifactStore, Digest } from '@hone/artifacts';
import { Violations, type RunSpec } from '@hone/contracts';

/** N completions make the most pairs where half of them are right: so many combinations of a winner and a loser. */
export const mostPairs = (samples: number): number => Math.floor(samples / 2) * Math.ceil(samples / 2);

/** Checks pairs a problem (K) against samples a problem (N), as they are at first and behind each scheduled change. */
export function checkPairsPerProblem(spec: RunSpec, violations: Violations): void {
  const check = (samples: number, pairs: number, field: string): void => {
    // What is out of range by itself is told by its own rule.
    const fits = samples < 2 || pairs <= mostPairs(samples);
    const rule = `${samples} samples of a problem make at most ${mostPairs(samples)} pairs, but ${pairs} are asked for`;
    violations.require(fits, field, rule);
  };
  let [samples, pairs] = [spec.samplesPerProblem, spec.pairs?.pairsPerProblem ?? 0];
  check(samples, pairs, 'spec.pairs.pairs_per_problem');
  for (const [index, change] of spec.schedule.entries()) {
    if (change.samplesPerProblem === undefined && change.pairsPerProblem === undefined) continue;
    samples = change.samplesPerProblem ?? samples;
    pairs = change.pairsPerProblem ?? pairs;
    const field = change.pairsPerProblem === undefined ? 'samples_per_problem' : 'pairs_per_problem';
    check(samples, pairs, `spec.schedule[${index}].${field}`);
  }
}

/** Tokens that a checkpoint can look back on, as its config says; undefined where it says nothing that can be read. */
async function contextOf(store: ArtifactStore, checkpoint: Digest): Promise<number | undefined> {
  try {
    const config = JSON.parse((await store.readFolderText(checkpoint, 'config.json')) ?? '{}') as Record<
      string,
      unknown
    >;
    const context = config['max_position_embeddings'] ?? config['n_positions'];
    return typeof context === 'number' ? context : undefined;
  } catch (thrown) {
    // A damaged config is told by who loads the model.
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** A completion stands behind its prompt in the model's context: its limit must be lower. */
export async function requireContext(store: ArtifactStore, checkpoint: Digest, spec: RunSpec): Promise<void> {
  const context = await contextOf(store, checkpoint);
  if (context === undefined) return;
  const violations = new Violations();
  const limits: [string, number | undefined][] = [
    ['sampling', spec.sampling?.maxTokens],
    ['evaluation', spec.evaluation?.maxTokens],
    ['evaluation.majority.sampling', spec.evaluation?.majority?.sampling?.maxTokens],
    ['selection.evaluation', spec.selection?.evaluation?.maxTokens],
  ];
  const rule = `must be below the ${context} tokens of the model's context, in which the prompt stands too`;
  for (const [path, limit = 0] of limits) violations.require(limit < context, `spec.${path}.max_tokens`, rule, limit);
  violations.throwIfAny();
}
