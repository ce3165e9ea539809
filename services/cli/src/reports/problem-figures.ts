/** On which problems an iteration's samples were right, and what a curriculum made of what earlier ones found. */
import type { Iteration } from '@hone/contracts';
import { table } from '@hone/terminal';
import { firstOf } from './sample-figures.ts';

const RATES = ['0 %', 'to 20 %', 'to 40 %', 'to 60 %', 'to 80 %', 'below 100 %', '100 %'];

/** Problems by how often they were solved; undefined where no iteration counted them. */
export function rateTable(iterations: readonly Iteration[]): string | undefined {
  const rows = iterations.flatMap((iteration) => {
    const rates = ratesOf(iteration);
    return rates ? [[String(iteration.index), ...rates.map(String)]] : [];
  });
  if (rows.length === 0) return undefined;
  return `${table(['iteration', ...RATES], rows)}\nproblems by the share of their samples that is right`;
}

/** Problems of which none was right, of parts between, and of which all were. */
function ratesOf(iteration: Iteration): number[] | undefined {
  const { scored } = firstOf(iteration);
  if (!scored || scored.mixedByRate.length === 0) return undefined;
  return [scored.problemsNoneRight, ...scored.mixedByRate, scored.problemsAllRight];
}

/** What a curriculum made of the problems; undefined where none had one. */
export function curriculumTable(iterations: readonly Iteration[]): string | undefined {
  const rows = iterations.flatMap((iteration) => {
    const known = firstOf(iteration).sampled?.curriculum;
    if (!known) return [];
    const { alwaysSolved, alwaysSolvedDrawn, neverSolved, neverSolvedDrawn, overBudget } = known;
    return [[iteration.index, alwaysSolved, alwaysSolvedDrawn, neverSolved, neverSolvedDrawn, overBudget].map(String)];
  });
  if (rows.length === 0) return undefined;
  const shown = table(['iteration', 'always solved', 'drawn', 'never solved', 'drawn', 'over budget'], rows);
  return `${shown}\nproblems by what earlier iterations found, and how many of them were drawn`;
}

/** What of problems is known by their samples, for programs. */
export function problemsDocument(iteration: Iteration) {
  const [rates, known] = [ratesOf(iteration), firstOf(iteration).sampled?.curriculum];
  return {
    // As many as fall into each part: none right, up to 20 %, 40 %, 60 %, 80 %, below 100 %, all right.
    ...(rates && { problems_by_rate: rates }),
    ...(known && {
      curriculum: {
        always_solved: known.alwaysSolved,
        always_solved_drawn: known.alwaysSolvedDrawn,
        never_solved: known.neverSolved,
        never_solved_drawn: known.neverSolvedDrawn,
        over_budget: known.overBudget,
      },
    }),
  };
}
