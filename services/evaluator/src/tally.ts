import { countVerdict, isRight, VerdictCounts, VerdictState } from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';
import type { JudgedSample } from './judged-samples.ts';

/** What is kept of a verdict: enough to count, to vote, and to compare problem by problem later. */
export interface Outcome {
  readonly state: VerdictState;
  /** The final answer in the scorer's normal form; empty unless SCORED. */
  readonly answer: string;
  readonly right: boolean;
}

/** The outcomes of one pass, by problem and sample. */
export class Tally {
  readonly counts: VerdictCounts = VerdictCounts.fromPartial({});
  /** The scorer's version, as the verdicts state it. */
  scorerVersion = '';
  private readonly outcomes: Outcome[][];
  private firstError = '';

  constructor(problems: number) {
    this.outcomes = Array.from({ length: problems }, () => []);
  }

  add({ problemIndex, sampleIndex, verdict }: JudgedSample): void {
    const { state, extractedAnswer, message, scorerVersion } = verdict;
    this.outcomes[problemIndex]![sampleIndex] = { state, answer: extractedAnswer, right: isRight(verdict) };
    this.scorerVersion ||= scorerVersion;
    if (state === VerdictState.ERROR) this.firstError ||= message;
    countVerdict(this.counts, verdict);
  }

  /** All outcomes of each problem, in the order of the set and of the samples. */
  get byProblem(): readonly (readonly Outcome[])[] {
    return this.outcomes;
  }

  /**
   * The outcomes that are measured, of each problem that has any. A failure of the scorer says nothing about the model, so
   * it counts neither as right nor as wrong; where there is nothing else, nothing was measured.
   */
  measured(): Outcome[][] {
    const measured = this.outcomes
      .map((outcomes) => outcomes.filter((outcome) => outcome.state !== VerdictState.ERROR))
      .filter((outcomes) => outcomes.length > 0);
    if (measured.length > 0) return measured;
    throw failedPrecondition(
      'SCORER_FAILED',
      `the scorer failed on every completion; its first error: ${this.firstError}`,
    );
  }
}
