/** What is known of any recipe's settings by their names: the keys that recipes share, where a recipe has them. */
import { z } from 'zod';

const treatment = z.object({ samples_per_problem: z.number().optional() }).catch({});

const view = z.object({
  problems_per_iteration: z.number().catch(0),
  samples_per_problem: z.number().catch(0),
  schedule: z.array(z.object({ samples_per_problem: z.number().optional() })).catch([]),
  curriculum: z.object({ always_solved: treatment, never_solved: treatment }).optional().catch(undefined),
  select: z.object({}).optional().catch(undefined),
  warm_up: z.array(z.object({ dataset: z.string(), target_accuracy: z.number().default(0) })).catch([]),
});

/** What a run needs of its problems and of the store. */
export interface LoopView {
  /** Problems drawn for each iteration; 0 means all. */
  readonly problemsPerIteration: number;
  /** The most completions a problem in any iteration; 0 where the recipe does not sample. */
  readonly mostSamples: number;
  /** Whether it chooses among its checkpoints. */
  readonly selects: boolean;
  /** Whether it measures on validation problems. */
  readonly validates: boolean;
  /** "datasets/{sha256}" with the path of the key that names it. */
  readonly datasets: readonly { readonly field: string; readonly name: string }[];
}

export function viewOf(settings: object): LoopView {
  const { problems_per_iteration, samples_per_problem, schedule, curriculum, select, warm_up } = view.parse(settings);
  const changes = [...schedule, ...(curriculum ? [curriculum.always_solved, curriculum.never_solved] : [])];
  return {
    problemsPerIteration: problems_per_iteration,
    mostSamples: changes.reduce((most, change) => Math.max(most, change.samples_per_problem ?? 0), samples_per_problem),
    selects: select !== undefined,
    validates: select !== undefined || warm_up.some(({ target_accuracy }) => target_accuracy > 0),
    datasets: warm_up.map(({ dataset }, index) => ({ field: `warm_up[${index}].dataset`, name: dataset })),
  };
}
