/** How two checkpoints differ, for people. Differences are B - A everywhere. */
import type { CompareCheckpointsResponse, EvaluationPair, RecipeDifference } from '@hone/contracts';
import { excerpt } from '@hone/errors';
import { percent, shortName, table } from '@hone/terminal';
import { accuracies } from './evaluation-lines.ts';

/** "+1.0": with its sign, also where it is none. */
export const signed = (share: number): string => `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`;

function pairLines({ first, second, comparison }: EvaluationPair): string[] {
  const [one, other] = [first!.evaluation!, second!.evaluation!];
  return [
    `${first!.benchmark || shortName(one.problemSet)}: A ${accuracies(one)}; B ${accuracies(other)}`,
    ...(comparison?.differences ?? []).map(
      ({ measure, difference, lower, upper, problems }) =>
        `  ${measure}: B - A = ${signed(difference)} [${signed(lower)}, ${signed(upper)}] over ${problems} problems, paired`,
    ),
    ...(comparison?.mcnemar
      ? [
          `  only B solves ${comparison.mcnemar.secondOnly}, only A ${comparison.mcnemar.firstOnly}: ` +
            `p = ${comparison.mcnemar.pValue.toPrecision(3)} (McNemar, exact)`,
        ]
      : []),
    ...(comparison ? [] : ['  the outcomes are not in the store any more: no paired comparison']),
  ];
}

const MAX_VALUE_CHARS = 60;
const brief = (json: string): string => excerpt(json, MAX_VALUE_CHARS);

/** The run's spec says again what a recipe says of the training, the sampling and the pairs: once is enough for people. */
function withoutRepeats(recipe: readonly RecipeDifference[]): RecipeDifference[] {
  const keyOf = ({ path, firstJson, secondJson }: RecipeDifference): string =>
    [path.split('.').at(-1), firstJson, secondJson].join('\n');
  const isRepeating = ({ path }: RecipeDifference): boolean => path.startsWith('runSpec.');
  const said = new Set(recipe.filter((difference) => !isRepeating(difference)).map(keyOf));
  return recipe.filter((difference) => !isRepeating(difference) || !said.has(keyOf(difference)));
}

type Side = 'firstJson' | 'secondJson';

/** What both recipes have in a table; what only one has below it. */
function recipeLines(differences: readonly RecipeDifference[]): string[] {
  if (differences.length === 0) return ['the recipes are the same'];
  const both = differences.filter(({ firstJson, secondJson }) => firstJson !== '' && secondJson !== '');
  const alone = (letter: string, mine: Side, other: Side): string[] =>
    differences
      .filter((one) => one[other] === '' && one[mine] !== '')
      .map((one) => `only in the recipe of ${letter}: ${one.path} = ${brief(one[mine])}`);
  const rows = both.map(({ path, firstJson, secondJson }) => [path, brief(firstJson), brief(secondJson)]);
  return [
    ...(rows.length > 0 ? [table(['recipe', 'A', 'B'], rows)] : []),
    ...alone('A', 'firstJson', 'secondJson'),
    ...alone('B', 'secondJson', 'firstJson'),
  ];
}

/** How two checkpoints differ: recipes, then scores. */
export function comparisonText(compared: CompareCheckpointsResponse): string {
  const { first, second, recipe, commonAncestor, evaluations, firstOnly, secondOnly } = compared;
  const alone = [...firstOnly, ...secondOnly].map(
    ({ evaluation, benchmark }) =>
      `${benchmark || shortName(evaluation!.problemSet)}: ${accuracies(evaluation!)}, ${shortName(evaluation!.checkpoint)} alone`,
  );
  return [
    `A: ${shortName(first!.name)}  ${first!.displayName}`.trimEnd(),
    `B: ${shortName(second!.name)}  ${second!.displayName}`.trimEnd(),
    `common ancestor: ${commonAncestor ? shortName(commonAncestor) : 'none'}`,
    ...recipeLines(withoutRepeats(recipe)),
    ...evaluations.flatMap(pairLines),
    ...alone,
  ].join('\n');
}
