/** The steps of an iteration, by what they do. Several may do the same; the last of them is what the iteration came to. */
import type { Iteration, StepKind, StepReport } from './generated/hone/orchestrator/v1/orchestrator.ts';

type Result = NonNullable<StepReport['result']>;
type ValueOf<Case extends Result['$case']> = Extract<Result, { $case: Case }>['value'];

/** The last finished step of this name; a recipe's steps are named after their kinds unless there are several. */
export const stepOf = ({ steps }: Iteration, name: string): StepReport | undefined =>
  steps.findLast((step) => step.name === name);

/** The last result of a kind: what "sample" drew, what "train" made. Undefined where there is none yet. */
export function resultOf<Case extends Result['$case']>({ steps }: Iteration, kind: Case): ValueOf<Case> | undefined {
  return steps.findLast(({ result }) => result?.$case === kind)?.result?.value as ValueOf<Case> | undefined;
}

/** Steps of a kind, in order. */
export const stepsOf = ({ steps }: Iteration, kind: StepKind): StepReport[] =>
  steps.filter((step) => step.kind === kind);

/** Everything that an iteration stored: "completions", "verdicts", "groups", …, by digest; of several of a name, the last. */
export const artifactsOf = ({ steps }: Iteration): Record<string, string> =>
  Object.fromEntries(
    steps.flatMap(({ artifacts }) => Object.entries(artifacts).map(([name, rows]) => [name, rows.digest])),
  );
