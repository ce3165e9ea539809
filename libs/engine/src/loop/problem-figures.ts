/** What the verdicts on a problem's completions say together: whether it can make pairs, and how many answers it has. */
import { isRight, VerdictState, type ScoreResult, type Verdict } from '@hone/contracts';

export type ProblemFigures = Pick<ScoreResult, Count | 'mixedByRate'>;
type Count =
  'problems' | 'problemsMixed' | 'problemsAllRight' | 'problemsNoneRight' | 'problemsAnswered' | 'distinctAnswers';

/** Parts of equal width into which the rates of mixed problems fall. */
const RATES = 5;

const NO_COUNTS: Readonly<Record<Count, number>> = {
  problems: 0,
  problemsMixed: 0,
  problemsAllRight: 0,
  problemsNoneRight: 0,
  problemsAnswered: 0,
  distinctAnswers: 0,
};
const COUNTS = Object.keys(NO_COUNTS) as Count[];

export const NO_PROBLEMS: ProblemFigures = { ...NO_COUNTS, mixedByRate: new Array<number>(RATES).fill(0) };

/** What is kept of a verdict. */
export interface Said {
  readonly right: boolean;
  /** The answer as the completion writes it; empty where it states none. */
  readonly answer: string;
}

/** What a verdict says; undefined where the scorer failed, which says nothing of the completion. */
export function saidBy(verdict: Verdict): Said | undefined {
  const { state, extractedAnswer, writtenAnswer } = verdict;
  if (state === VerdictState.ERROR || state === VerdictState.UNSPECIFIED) return undefined;
  return { right: isRight(verdict), answer: state === VerdictState.SCORED ? writtenAnswer || extractedAnswer : '' };
}

/** Groups answers that a scorer holds equal: of each answer of a set, the position of the first that is one with it. */
export type GroupAnswers = (sets: readonly (readonly string[])[]) => Promise<number[][]>;

/**
 * Figures of problems by what was said of their completions. All right answers of a problem are equal to its gold answer, so they are
 * one; wrong ones that are written alike are one without asking.
 */
export async function figuresOf(problems: readonly (readonly Said[])[], group: GroupAnswers): Promise<ProblemFigures> {
  const wrong = problems.map((said) => [
    ...new Set(said.filter(({ right, answer }) => !right && answer !== '').map(({ answer }) => answer)),
  ]);
  const open = wrong.filter(({ length }) => length > 1);
  const grouped = open.length === 0 ? [] : await group(open);
  const groupsOf = new Map(open.map((answers, index) => [answers, new Set(grouped[index]).size]));
  const all = problems.map((said, index) => {
    const answers = wrong[index]!;
    return ofProblem(said, groupsOf.get(answers) ?? answers.length);
  });
  return all.reduce(sumOf, NO_PROBLEMS);
}

function ofProblem(said: readonly Said[], wrongAnswers: number): ProblemFigures {
  const right = said.filter((one) => one.right).length;
  const distinctAnswers = wrongAnswers + Number(right > 0);
  const isMixed = right > 0 && right < said.length;
  // The part whose upper end is the first at or above the rate.
  const part = isMixed ? Math.ceil((RATES * right) / said.length) - 1 : -1;
  return {
    problems: Number(said.length > 0),
    problemsMixed: Number(isMixed),
    mixedByRate: NO_PROBLEMS.mixedByRate.map((_, index) => Number(index === part)),
    problemsAllRight: Number(right > 0 && right === said.length),
    problemsNoneRight: Number(right === 0 && said.length > 0),
    problemsAnswered: Number(distinctAnswers > 0),
    distinctAnswers,
  };
}

/** Figures of the problems of both. */
export const sumOf = (one: ProblemFigures, other: ProblemFigures): ProblemFigures => ({
  ...(Object.fromEntries(COUNTS.map((key) => [key, one[key] + other[key]])) as Record<Count, number>),
  mixedByRate: one.mixedByRate.map((count, part) => count + (other.mixedByRate[part] ?? 0)),
});
