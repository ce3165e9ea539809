/** What a rule made of the problems of a file, line by line; completions are told by their places in the line that they came from. */
import { unpackInt32, type Example, type PreferenceGroup } from '@hone/contracts';
import { kindOfExample, NO_SAMPLE, type TrainingRecord } from '@hone/datasets';

type Place = number | 'solution';

export type MadeLine =
  | { readonly id: string; readonly rule: string; readonly chosen: Place; readonly rejected: Place }
  | { readonly id: string; readonly rule: string; readonly example: Place; readonly advantage?: number };

/** The pairs of a group, or an example; `rule` is the one that was applied, and may have stages. */
export function madeLines({ $case, value }: TrainingRecord, rule: string): MadeLine[] {
  return $case === 'group' ? pairLines(value, rule) : [exampleLine(value, rule)];
}

function pairLines({ problemId: id, completions, pairs }: PreferenceGroup, rule: string): MadeLine[] {
  const placeOf = (at: number): Place => {
    const { sampleIndex } = completions[at]!;
    return sampleIndex === NO_SAMPLE ? 'solution' : sampleIndex;
  };
  return pairs.map((pair) => ({
    ...{ id, rule: pair.rule || rule, chosen: placeOf(pair.chosen), rejected: placeOf(pair.rejected) },
  }));
}

/** An example of a completion is named "PROBLEM#SAMPLE". */
function exampleLine(example: Example, rule: string): MadeLine {
  const { id, completionTokenIds, advantage } = example;
  const isSample = kindOfExample(example) === 'tokens' && unpackInt32(completionTokenIds, 'example').length > 0;
  const [, problem = id, sample] = (isSample && /^(.*)#(\d+)$/s.exec(id)) || [];
  const place = sample === undefined ? 'solution' : Number(sample);
  return { id: problem, rule, example: place, ...(advantage !== undefined && { advantage }) };
}

/** A line for people. */
export const madeText = (line: MadeLine): string =>
  'example' in line
    ? `${line.id}  ${line.example}${line.advantage === undefined ? '' : ` ${line.advantage.toFixed(3)}`}  (${line.rule})`
    : `${line.id}  ${line.chosen} > ${line.rejected}  (${line.rule})`;
