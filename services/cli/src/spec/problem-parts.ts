/** The parts of a run file that say which problems: for training, for choosing among checkpoints, for the test. */
import { BENCHMARK_NAMES, type BenchmarkName } from '@hone/benchmarks';
import { invalidArgument } from '@hone/errors';
import { z } from 'zod';

const count = z.number().int().min(1);

/** How hard generated problems are. */
export const difficulty = z.strictObject({
  min_steps: count.optional().describe('Fewest steps of a problem.'),
  max_steps: count.optional().describe('Most steps of a problem.'),
  max_start: count.optional().describe('Largest number that a problem starts with.'),
  max_operand: count.optional().describe('Largest number of a step.'),
  max_value: count.optional().describe('Largest number on the way.'),
  multiplication: z.boolean().optional().describe('Whether steps multiply, too.'),
});

/** Problems from a file, from what was imported, or generated ones. */
export const problems = z.strictObject({
  benchmark: z.enum(BENCHMARK_NAMES).optional().describe("Which benchmark; absent means the run's."),
  file: z
    .string()
    .optional()
    .describe('A file with problems; absent means what was imported (hone benchmarks import).'),
  split: z.string().optional().describe('Which imported split; absent means test for the test, and train else.'),
  offset: z.number().int().min(0).default(0).describe('Problems at the beginning that are left out.'),
  count: z.number().int().min(0).default(0).describe('Most problems; 0 means all.'),
  selection: z
    .strictObject({
      count: count.describe('Problems that are held out of the file.'),
      part: z.enum(['held-out', 'rest']).describe('Those, or all others.'),
      seed: z.number().int().min(0).default(0).describe('Seed by which they are chosen.'),
    })
    .optional()
    .describe('Only a part of the file, such as what is held out for choosing among checkpoints.'),
});
export type Problems = z.infer<typeof problems>;

/** Problems whose benchmark is known. */
export type ProblemsOf = Problems & { readonly benchmark: BenchmarkName };

export const PARTS = ['train', 'validation', 'test'] as const;
export type Part = (typeof PARTS)[number];

/** Rules between the keys of a part. */
export function checkProblems(part: Part, given: ProblemsOf): void {
  const { benchmark, file, split, count: problemCount, selection } = given;
  const generated = benchmark === 'arithmetic';
  if (generated && selection)
    throw invalidArgument(`${part}.selection`, 'must not be set for benchmark arithmetic, whose splits are disjoint');
  if (generated && (file !== undefined || split !== undefined))
    throw invalidArgument(
      `${part}.${file === undefined ? 'split' : 'file'}`,
      'must not be set for benchmark arithmetic, whose problems are generated',
    );
  if (generated && problemCount === 0)
    throw invalidArgument(`${part}.count`, 'must be at least 1 for benchmark arithmetic');
  if (benchmark === 'jsonl' && file === undefined)
    throw invalidArgument(`${part}.file`, 'must be set for benchmark jsonl, whose problems are your own');
  if (file !== undefined && split !== undefined)
    throw invalidArgument(`${part}.split`, 'must not be set beside file: it names a split of what was imported');
}
