/** What the samples of a problem vote for. */
import type { Outcome } from '@hone/contracts';
import type { Judge } from '@hone/scoring';
import type { Tally } from './tally.ts';

/** Samples of a problem that were judged alike: their answers are grouped together. */
interface Ballot {
  readonly problem: number;
  readonly samples: readonly number[];
  readonly answers: readonly string[];
}

/**
 * Answers that the scorer holds equal are one vote, whatever their texts are: "x = 5" and "5". Right and wrong answers are grouped
 * apart, because one equals the gold answer and the other does not.
 */
export async function castVotes(tally: Tally, judge: Judge, signal: AbortSignal): Promise<void> {
  const ballots = tally.byProblem.flatMap((outcomes, problem) =>
    [true, false].map((right) => ballotOf(problem, outcomes, tally.writtenAnswers[problem]!, right)),
  );
  const open = ballots.filter(({ answers }) => new Set(answers).size > 1);
  const groups =
    open.length === 0
      ? []
      : await judge.groupAnswers(
          open.map(({ answers }) => answers),
          signal,
        );
  const firstOf = new Map(open.map((ballot, index) => [ballot, groups[index]!]));
  for (const [problem, outcomes] of tally.byProblem.entries()) {
    const names = new Names();
    const votes = new Map<number, string>();
    for (const ballot of ballots.slice(2 * problem, 2 * problem + 2)) {
      const { samples, answers } = ballot;
      for (const [at, sample] of samples.entries()) {
        const leader = firstOf.get(ballot)?.[at] ?? 0;
        votes.set(sample, names.of(samples[leader]!, outcomes[samples[leader]!]!.answer, answers[leader]!));
      }
    }
    tally.setVotes(problem, votes);
  }
}

function ballotOf(problem: number, outcomes: readonly Outcome[], written: readonly string[], right: boolean): Ballot {
  const samples = [...outcomes.keys()].filter((sample) => {
    const outcome = outcomes[sample];
    return outcome !== undefined && outcome.answer !== '' && outcome.right === right;
  });
  return { problem, samples, answers: samples.map((sample) => written[sample]!) };
}

/** Names of a problem's groups: the normal form of their first answer, or how it is written where two forms look the same. */
class Names {
  private readonly known = new Map<number, string>();
  private readonly taken = new Set<string>();

  of(leader: number, normal: string, written: string): string {
    const known = this.known.get(leader);
    if (known !== undefined) return known;
    const name = [normal, written, `${written} (sample ${leader})`].find((candidate) => !this.taken.has(candidate))!;
    this.known.set(leader, name);
    this.taken.add(name);
    return name;
  }
}
