/** What an iteration's samples are like: how long, how many answers, on which problems they make pairs. */
import { type Iteration, type SampleResult, type ScoreResult } from '@hone/contracts';
import { columnsOf, percent, prose, table } from '@hone/terminal';

/** Figures of the samples of all problems; undefined where nothing was drawn or judged, or by a version that did not count. */
export interface SampleFigures {
  readonly meanTokens?: number | undefined;
  /** Of the mean tokens against the iteration before, as a share of those. */
  readonly change?: number | undefined;
  /** Mean of distinct answers, over problems that have any. */
  readonly answers?: number | undefined;
  /** Shares of problems: right and other completions, right ones only, none. */
  readonly mixed?: number | undefined;
  readonly allRight?: number | undefined;
  readonly noneRight?: number | undefined;
  /** Shares of judged completions. */
  readonly right?: number | undefined;
  readonly unscorable?: number | undefined;
  readonly truncated?: number | undefined;
}

/** Of several steps of a kind the first: those behind it sample again what was not solved, with hints. */
export function firstOf({ steps }: Iteration): { readonly sampled?: SampleResult; readonly scored?: ScoreResult } {
  const results = steps.map(({ result }) => result);
  const sampled = results.find((result) => result?.$case === 'sample')?.value;
  const scored = results.find((result) => result?.$case === 'score')?.value;
  return { ...(sampled && { sampled }), ...(scored && { scored }) };
}

function lengthOf({ samples, completionTokens }: SampleResult): number | undefined {
  return completionTokens > 0n ? Number(completionTokens) / samples : undefined;
}

function judgedFigures({ problems, verdicts, ...scored }: ScoreResult): SampleFigures {
  if (problems === 0) return {};
  const { correct, wrong, unscorable, truncated } = verdicts!;
  const judged = correct + wrong + unscorable + truncated;
  return {
    answers: scored.problemsAnswered === 0 ? 0 : scored.distinctAnswers / scored.problemsAnswered,
    mixed: scored.problemsMixed / problems,
    allRight: scored.problemsAllRight / problems,
    noneRight: scored.problemsNoneRight / problems,
    right: correct / judged,
    unscorable: unscorable / judged,
    truncated: truncated / judged,
  };
}

/** Figures of each iteration. */
export function sampleFigures(iterations: readonly Iteration[]): SampleFigures[] {
  const results = iterations.map(firstOf);
  const lengths = results.map(({ sampled }) => sampled && lengthOf(sampled));
  return results.map(({ scored }, index) => {
    const [meanTokens, before] = [lengths[index], lengths[index - 1]];
    const change = meanTokens !== undefined && before !== undefined ? meanTokens / before - 1 : undefined;
    return { meanTokens, change, ...(scored && judgedFigures(scored)) };
  });
}

const shown = (value: number | undefined, text: (value: number) => string): string =>
  value === undefined ? '' : text(value);
const signed = (share: number): string => `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`;
const tenths = (value: number): string => value.toFixed(1);

const HEAD = [
  'iteration',
  'mean tokens',
  'change %',
  'answers',
  'right %',
  'both %',
  'all %',
  'none %',
  'unread %',
  'cut %',
];
const MEANING =
  'answers: distinct ones a problem; right: share of samples; both, all, none: problems with right and other samples, right ones only, none; unread, cut: samples ' +
  'without an answer that the scorer reads, and cut off at the token limit';

/** A row for each iteration that sampled; undefined where none did. */
export function sampleTable(iterations: readonly Iteration[]): string | undefined {
  const figures = sampleFigures(iterations);
  const rows = iterations.flatMap(({ index }, at) => {
    const { meanTokens, change, answers, right, mixed, allRight, noneRight, unscorable, truncated } = figures[at]!;
    if (meanTokens === undefined && mixed === undefined) return [];
    const shares = [right, mixed, allRight, noneRight, unscorable, truncated].map((share) => shown(share, percent));
    return [[String(index), shown(meanTokens, tenths), shown(change, signed), shown(answers, tenths), ...shares]];
  });
  return rows.length === 0 ? undefined : `${table(HEAD, rows)}\n${prose(MEANING, columnsOf())}`;
}

/** The figures for programs; what is not known is left out. */
export function sampleDocument({ meanTokens, change, mixed, allRight, noneRight, ...others }: SampleFigures) {
  if (meanTokens === undefined && mixed === undefined) return undefined;
  return {
    mean_tokens: meanTokens,
    mean_tokens_change: change,
    distinct_answers: others.answers,
    right: others.right,
    unscorable: others.unscorable,
    truncated: others.truncated,
    problems_mixed: mixed,
    problems_all_right: allRight,
    problems_none_right: noneRight,
  };
}
