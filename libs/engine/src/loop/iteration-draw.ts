/** What an iteration samples: problems by a draw in which those that are always or never solved may count for less, or only unsolved ones. */
import type { CurriculumReport } from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';
import type { CurriculumSettings, SampleSettings } from '@hone/recipes';
import { difficultyOf, type Difficulty, type Look } from './difficulty.ts';
import { drawProblems, problemSetOf, type DrawOptions, type Fate, type ProblemDraw } from './problem-draw.ts';
import { seedOf } from './seeds.ts';
import type { StepContext } from './step-context.ts';

/** A draw, and what was known of the problems; undefined where the settings make no difference between them. */
export interface IterationDraw extends ProblemDraw {
  readonly curriculum: CurriculumReport | undefined;
}

/** The most completions that a problem may have. */
export const mostSamplesOf = ({ samples_per_problem: n, curriculum }: SampleSettings): number =>
  Math.max(n, curriculum?.always_solved.samples_per_problem ?? 0, curriculum?.never_solved.samples_per_problem ?? 0);

/** Draws the problems of an iteration; `looks` are those that count, the latest first. */
export async function drawIteration(
  { store, spec, iteration }: Pick<StepContext, 'store' | 'spec' | 'iteration'>,
  settings: SampleSettings,
  looks: readonly Look[],
): Promise<IterationDraw> {
  const { problems_per_iteration: count, curriculum } = settings;
  const known = curriculum ? await difficultyOf(store, looks, curriculum) : new Map<string, Difficulty>();
  const counts = { alwaysSolved: 0, alwaysSolvedDrawn: 0, neverSolved: 0, neverSolvedDrawn: 0, overBudget: 0 };
  const onProblem = (id: string, fate: Fate): void => {
    const kind = known.get(id);
    if (kind === 'always_solved') counts.alwaysSolved += 1;
    if (kind === 'never_solved') counts.neverSolved += 1;
    if (kind === 'always_solved' && fate === 'drawn') counts.alwaysSolvedDrawn += 1;
    if (kind === 'never_solved' && fate === 'drawn') counts.neverSolvedDrawn += 1;
    if (fate === 'over') counts.overBudget += 1;
  };
  const draw = await drawProblems(store, problemSetOf(spec), {
    ...{ count, seed: seedOf(spec.seed, iteration, 'problems'), treat: treatmentBy(settings, known) },
    ...{ most: curriculum?.most_completions ?? 0, onProblem },
  });
  if (curriculum && draw.count === 0) throw nothingLeft(iteration, curriculum, counts);
  return { ...draw, curriculum: curriculum && counts };
}

function treatmentBy(
  { samples_per_problem: n, curriculum }: SampleSettings,
  known: ReadonlyMap<string, Difficulty>,
): DrawOptions['treat'] {
  return (id) => {
    const kind = known.get(id);
    const treatment = kind && curriculum?.[kind];
    return { weight: treatment?.weight ?? 1, samples: treatment?.samples_per_problem ?? n };
  };
}

const nothingLeft = (
  iteration: number,
  { most_completions: most }: CurriculumSettings,
  { alwaysSolved, neverSolved, overBudget }: CurriculumReport,
) =>
  failedPrecondition(
    'NO_PROBLEMS',
    `iteration ${iteration} has no problem to sample: ${alwaysSolved} were always solved and ${neverSolved} never, whose weights in ` +
      `curriculum skip them${overBudget > 0 ? `, and curriculum.most_completions (${most}) is less than one problem takes` : ''}. ` +
      'Raise a weight above 0, set curriculum.within, so that they come back, or take other problems',
  );
