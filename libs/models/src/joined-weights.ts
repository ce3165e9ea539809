/**
 * Projections of the same input whose weights lie one behind the other in the flat buffer, as one matrix over the same bytes: one
 * large product is faster than several small ones, and each row of it is computed as before.
 */
import type { WeightSpec } from '@hone/checkpoint';

/** The projections that are joined, and the joined weight's name in their place. */
export const JOINED = {
  'self_attn.qkv_proj': ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  'mlp.gate_up_proj': ['mlp.gate_proj', 'mlp.up_proj'],
} as const;

/** A joined weight for each layer whose parts adjoin; where biases lie between them there is none. */
export function joinedWeights(specs: readonly WeightSpec[]): WeightSpec[] {
  const joined: WeightSpec[] = [];
  for (const [name, parts] of Object.entries(JOINED)) {
    for (const [index, { name: first }] of specs.entries()) {
      if (!first.endsWith(`.${parts[0]}.weight`)) continue;
      const run = specs.slice(index, index + parts.length);
      const prefix = first.slice(0, -`${parts[0]}.weight`.length);
      if (!run.every((spec, i) => spec.name === `${prefix}${parts[i]}.weight`)) continue;
      const rows = run.reduce((sum, { shape }) => sum + shape[0]!, 0);
      const length = run.reduce((sum, spec) => sum + spec.length, 0);
      joined.push({
        name: `${prefix}${name}.weight`,
        shape: [rows, run[0]!.shape[1]!],
        offset: run[0]!.offset,
        length,
      });
    }
  }
  return joined;
}
