/** What was measured of checkpoints, for people. */
import type { Evaluation, Proportion, RecordedEvaluation } from '@hone/contracts';
import { moment, percent, shortName, table } from '@hone/terminal';

/** "71.2 [68.0, 74.3]": percent with its 95 % interval. */
export const share = ({ accuracy, lower, upper }: Proportion): string =>
  `${percent(accuracy)} [${percent(lower)}, ${percent(upper)}]`;

/** "greedy 71.2 [68.0, 74.3] of 500, maj@8 80.1 [77.2, 82.8] of 500": percent with 95 % intervals, of so many problems. */
export function accuracies({ greedy, majority }: Evaluation): string {
  const parts = [
    ...(greedy ? [`greedy ${share(greedy)} of ${greedy.total}`] : []),
    ...(majority?.accuracy ? [`maj@${majority.k} ${share(majority.accuracy)} of ${majority.accuracy.total}`] : []),
  ];
  return parts.join(', ');
}

/** What was measured, on what, by whom. */
export function evaluationTable(evaluations: readonly RecordedEvaluation[]): string {
  if (evaluations.length === 0) return 'no evaluations';
  const rows = evaluations.map(({ evaluation, benchmark, run, iteration, forSelection, recordTime }) => [
    `${benchmark || shortName(evaluation!.problemSet)}${forSelection ? ' (selection)' : ''}`,
    accuracies(evaluation!),
    `${evaluation!.scorer?.name ?? ''} ${evaluation!.scorerVersion}`,
    run ? `${run} M_${iteration}` : 'hone eval',
    moment(recordTime),
  ]);
  return table(['benchmark', 'accuracy % [95 %]', 'scorer', 'made by', 'recorded (UTC)'], rows);
}
