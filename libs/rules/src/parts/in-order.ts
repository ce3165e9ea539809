/** Rules one after the other over one problem: filters leave fewer completions, pair rules add their pairs, cuts leave fewer pairs. */
import type { Demonstration, Dropped, JudgedCompletion, JudgedProblem, Outcome, Pair, Rule, Skipped } from '../rule.ts';
import { COMPLETION_REASONS } from './sides.ts';

/** A rule with its settings, as its schema reads them. */
export interface Stage {
  readonly rule: Rule;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Every stage draws by the same seed, so that a pair rule makes of what is left what it would make of that alone. */
export function inOrder(stages: readonly Stage[], problem: JudgedProblem, seed: bigint): Outcome {
  const draft = new Draft(problem, seed);
  for (const stage of stages) draft.pass(stage);
  return draft.outcome();
}

class Draft {
  private readonly seed: bigint;
  private readonly positions: ReadonlyMap<JudgedCompletion, number>;
  private problem: JudgedProblem;
  private pairs: readonly Pair[] = [];
  private readonly dropped: Record<string, number> = {};
  private skipped: Skipped | undefined;

  constructor(problem: JudgedProblem, seed: bigint) {
    this.problem = problem;
    this.seed = seed;
    this.positions = new Map(problem.completions.map((completion, position) => [completion, position]));
  }

  pass({ rule, settings }: Stage): void {
    if (rule.filter) this.keep(rule.filter(this.problem, settings));
    else if (rule.cut) this.cut(rule.cut(this.pairs, this.problem, settings, this.seed));
    else this.add(rule.name, rule.apply(this.problem, settings, this.seed));
  }

  outcome(): Outcome {
    const { pairs, dropped, skipped = 'empty' } = this;
    return pairs.length > 0 ? { pairs, dropped } : { pairs, dropped, skipped };
  }

  private keep({ completions, dropped }: ReturnType<NonNullable<Rule['filter']>>): void {
    this.problem = { ...this.problem, completions };
    this.count(dropped);
  }

  private cut(left: readonly Pair[]): void {
    this.count({ over_limit: this.pairs.length - left.length });
    this.pairs = left;
  }

  private add(rule: string, { pairs = [], dropped, skipped }: Outcome): void {
    const made = pairs.map(({ chosen, rejected }) => ({
      chosen: this.placeOf(chosen),
      // No filter makes a loser of a solution.
      rejected: this.placeOf(rejected) as number,
      rule,
    }));
    const there = new Set(this.pairs.map(keyOf));
    const fresh = made.filter((pair) => !there.has(keyOf(pair)));
    this.pairs = [...this.pairs, ...fresh];
    this.count({ ...dropped, repeated: made.length - fresh.length });
    this.skipped ??= skipped;
  }

  /** Where a completion of the current problem stood in the first; what stood nowhere is the solution. */
  private placeOf(at: Demonstration): Demonstration {
    return at === 'solution' ? at : (this.positions.get(this.problem.completions[at]!) ?? 'solution');
  }

  /** Every pair rule looks at all completions again, so that those which it left out would be counted again. */
  private count(dropped: Dropped): void {
    const seen: readonly string[] = COMPLETION_REASONS;
    for (const [reason, count] of Object.entries(dropped)) {
      const before = this.dropped[reason] ?? 0;
      this.dropped[reason] = seen.includes(reason) ? Math.max(before, count) : before + count;
    }
  }
}

const keyOf = ({ chosen, rejected }: Pair): string => `${chosen}/${rejected}`;
