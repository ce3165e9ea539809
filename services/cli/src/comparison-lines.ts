/** How two checkpoints differ, for people. */
import type { CompareCheckpointsResponse, EvaluationPair, RecipeDifference } from '@hone/contracts';
import { excerpt } from '@hone/errors';
import { accuracies } from './evaluation-lines.ts';
import { percent, shortName, table } from './output.ts';

const signed = (value: number): string => `${value < 0 ? '-' : '+'}${percent(Math.abs(value))}`;

function pairLines({ first, second, comparison }: EvaluationPair): string[] {
  const [one, other] = [first!.evaluation!, second!.evaluation!];
  return [
    `${first!.benchmark || shortName(one.problemSet)}: ${accuracies(one)}  against  ${accuracies(other)}`,
    ...(comparison?.differences ?? []).map(
      ({ measure, difference, lower, upper, problems }) =>
        `  ${measure}: ${signed(difference)} [${signed(lower)}, ${signed(upper)}] over ${problems} problems, paired`,
    ),
    ...(comparison?.mcnemar
      ? [
          `  only the first solves ${comparison.mcnemar.firstOnly}, only the second ${comparison.mcnemar.secondOnly}: ` +
            `p = ${comparison.mcnemar.pValue.toPrecision(3)} (McNemar, exact)`,
        ]
      : []),
    ...(comparison ? [] : ['  the outcomes are not in the store any more: no paired comparison']),
  ];
}

const MAX_VALUE_CHARS = 60;
const brief = (json: string): string => excerpt(json, MAX_VALUE_CHARS) || '(none)';

/** The run's spec says again what a recipe says of the training, the sampling and the pairs: once is enough for people. */
function withoutRepeats(recipe: readonly RecipeDifference[]): RecipeDifference[] {
  const keyOf = ({ path, firstJson, secondJson }: RecipeDifference): string =>
    [path.split('.').at(-1), firstJson, secondJson].join('\n');
  const isRepeating = ({ path }: RecipeDifference): boolean => path.startsWith('runSpec.');
  const said = new Set(recipe.filter((difference) => !isRepeating(difference)).map(keyOf));
  return recipe.filter((difference) => !isRepeating(difference) || !said.has(keyOf(difference)));
}

/** How two checkpoints differ: recipes, then scores. */
export function comparisonText(compared: CompareCheckpointsResponse): string {
  const { first, second, recipe, commonAncestor, evaluations, firstOnly, secondOnly } = compared;
  const rows = withoutRepeats(recipe).map(({ path, firstJson, secondJson }) => [
    path,
    brief(firstJson),
    brief(secondJson),
  ]);
  const alone = [...firstOnly, ...secondOnly].map(
    ({ evaluation, benchmark }) =>
      `${benchmark || shortName(evaluation!.problemSet)}: ${accuracies(evaluation!)}, ${shortName(evaluation!.checkpoint)} alone`,
  );
  return [
    `first:  ${first!.name}  ${first!.displayName}`,
    `second: ${second!.name}  ${second!.displayName}`,
    `common ancestor: ${commonAncestor ? shortName(commonAncestor) : 'none'}`,
    rows.length > 0 ? table(['recipe', 'first', 'second'], rows) : 'the recipes are the same',
    ...evaluations.flatMap(pairLines),
    ...alone,
  ].join('\n');
}
