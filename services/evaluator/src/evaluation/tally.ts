import { countVerdict, isRight, VerdictCounts, VerdictState, type Outcome, type Verdict } from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';

/** What is kept of one completion's verdict: enough to count, to vote, and to compare problem by problem later. */
export interface JudgedOutcome {
  /** Position of the problem in the set. */
  readonly problemIndex: number;
  readonly sampleIndex: number;
  readonly outcome: Outcome;
  /** The answer as the completion writes it, where that is not its normal form. */
  readonly written?: string;
  /** As the verdict states it; empty where it does not. */
  readonly scorerVersion: string;
  /** Of a verdict ERROR. */
  readonly error?: string;
}

export function judgedOutcome(problemIndex: number, sampleIndex: number, verdict: Verdict): JudgedOutcome {
  const { state, extractedAnswer: answer, writtenAnswer: written, message, scorerVersion } = verdict;
  const outcome = { state, answer, right: isRight(verdict), vote: '' };
  return {
    problemIndex,
    sampleIndex,
    outcome,
    scorerVersion,
    ...(written !== '' && { written }),
    ...(state === VerdictState.ERROR && { error: message }),
  };
}

/** Counts outcomes by their states. */
export function countOutcomes(outcomes: Iterable<Outcome>): VerdictCounts {
  const counts = VerdictCounts.fromPartial({});
  for (const { state, right } of outcomes) countVerdict(counts, { state, score: right ? 1 : 0 } as Verdict);
  return counts;
}

/** The outcomes of one pass, by problem and sample. */
export class Tally {
  /** The scorer's version, as the verdicts state it. */
  scorerVersion = '';
  private readonly outcomes: Outcome[][];
  private readonly written: string[][];
  private readonly samples: number;
  private firstError = '';

  /** For so many problems, with so many samples each. */
  constructor(problems: number, samples: number) {
    this.outcomes = Array.from({ length: problems }, () => []);
    this.written = Array.from({ length: problems }, () => []);
    this.samples = samples;
  }

  /** Takes an outcome; one that is there already is taken again, because it is the same. */
  add({ problemIndex, sampleIndex, outcome, written, scorerVersion, error }: JudgedOutcome): void {
    this.outcomes[problemIndex]![sampleIndex] = outcome;
    this.written[problemIndex]![sampleIndex] = written ?? outcome.answer;
    this.requireSameScorer(scorerVersion);
    if (error !== undefined) this.firstError ||= error;
  }

  /** Verdicts of two versions of a scorer would make one figure of two measures. */
  requireSameScorer(version: string): void {
    if (version === '') return;
    if (this.scorerVersion !== '' && version !== this.scorerVersion)
      throw failedPrecondition(
        'SCORER_CHANGED',
        `the scorer changed from version "${this.scorerVersion}" to "${version}" while it was asked: evaluate again`,
      );
    this.scorerVersion = version;
  }

  /** Whether all samples of a problem are there. */
  isComplete(problemIndex: number): boolean {
    const found = this.outcomes[problemIndex]!;
    // Filled out of order, an array has holes, which `filter` leaves out.
    return found.length === this.samples && found.filter(() => true).length === this.samples;
  }

  get counts(): VerdictCounts {
    return countOutcomes(this.outcomes.flat());
  }

  /** All outcomes of each problem, in the order of the set and of the samples. */
  get byProblem(): readonly (readonly Outcome[])[] {
    return this.outcomes;
  }

  /**
   * The outcomes of each problem that are measured. A failure of the scorer says nothing about the model, so it counts neither as
   * right nor as wrong.
   */
  get measured(): readonly (readonly Outcome[])[] {
    return this.outcomes.map((outcomes) => outcomes.filter(({ state }) => state !== VerdictState.ERROR));
  }

  /** The answers of each problem as they are written. */
  get writtenAnswers(): readonly (readonly string[])[] {
    return this.written;
  }

  /** Notes what the samples of a problem vote for. */
  setVotes(problemIndex: number, votes: ReadonlyMap<number, string>): void {
    const outcomes = this.outcomes[problemIndex]!;
    for (const [sampleIndex, vote] of votes) outcomes[sampleIndex] = { ...outcomes[sampleIndex]!, vote };
  }

  /** Throws where nothing was measured. */
  requireMeasured(): void {
    if (this.measured.some((outcomes) => outcomes.length > 0)) return;
    throw failedPrecondition(
      'SCORER_FAILED',
      `the scorer failed on every completion; its first error: ${this.firstError}`,
    );
  }
}
