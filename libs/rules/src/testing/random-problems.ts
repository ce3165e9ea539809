/** Problems at random, for rules that are held against a naive definition. */
import { Random } from '@hone/statistics';
import { readSettings } from '@hone/settings';
import type { JudgedCompletion, JudgedProblem, Outcome, Rule } from '../rule.ts';

const STATES = ['SCORED', 'SCORED', 'SCORED', 'SCORED', 'UNSCORABLE', 'TRUNCATED', 'ERROR'] as const;

export interface Kinds {
  /** Scores that a judged completion may have. */
  readonly scores: readonly number[];
}
export const BINARY: Kinds = { scores: [0, 1] };
export const GRADED: Kinds = { scores: [0, 0.2, 0.25, 0.5, 0.7, 0.75, 0.9, 1] };

/** A problem whose completions are of every kind, some of them twice, some of the same text. */
export function randomProblem(random: Random, { scores }: Kinds): JudgedProblem {
  const below = (count: number): number => Math.floor(random.uniform() * count);
  const completion = (): JudgedCompletion => {
    const state = STATES[below(STATES.length)]!;
    const tokens = Int32Array.from({ length: 1 + below(6) }, () => below(4));
    return {
      tokenIds: tokens,
      text: below(8) === 0 ? 'the same' : `text ${tokens.join(' ')}`,
      state,
      score: state === 'SCORED' ? scores[below(scores.length)]! : 0,
      answer: state === 'SCORED' ? `answer ${below(3)}` : '',
      truncated: state === 'TRUNCATED' || below(10) === 0,
      ...(below(6) > 0 && { logProb: -Math.round(100 * random.uniform()) / 10 }),
    };
  };
  const completions = Array.from({ length: below(13) }, completion);
  return {
    id: `p${random.bits()}`,
    promptTokenIds: Int32Array.of(1),
    gold: '7',
    solution: below(4) > 0 ? 'so 7' : '',
    completions,
  };
}

/** A case: what a rule made of a problem by some settings. */
export interface Case {
  readonly problem: JudgedProblem;
  readonly settings: Settings;
  readonly outcome: Outcome;
  readonly pairs: readonly { readonly chosen: number; readonly rejected: number }[];
}
export type Settings = Readonly<Record<string, unknown>> & {
  readonly per_problem: number;
  readonly unscorable: 'loser' | 'drop';
  readonly truncated_lose: boolean;
};

/** What a rule makes of many problems by random settings, always the same. */
export function casesOf(rule: Rule, kinds: Kinds, given: (random: Random) => object = () => ({}), count = 150): Case[] {
  const random = new Random(7n);
  const flip = (): boolean => random.uniform() < 0.5;
  return Array.from({ length: count }, () => {
    const problem = randomProblem(random, kinds);
    const shared = { per_problem: 1 + Math.floor(random.uniform() * 8) };
    const sides = { unscorable: flip() ? 'loser' : 'drop', truncated_lose: flip() };
    const all = Object.entries({ ...shared, ...sides, ...given(random) });
    const own = Object.fromEntries(all.filter(([key]) => key in rule.settings.shape));
    const settings = readSettings(rule.settings, own, 'settings') as Settings;
    const outcome = rule.apply(problem, settings, BigInt(random.bits()));
    return { problem, settings, outcome, pairs: outcome.pairs as Case['pairs'] };
  });
}

/** A completion that the naive definitions look at. */
export interface Naive extends JudgedCompletion {
  readonly position: number;
  readonly mayWin: boolean;
  readonly value: number;
}

/** Which completions may be in pairs, told without the library's own words for it. */
export function naiveUsable({ completions }: JudgedProblem, { unscorable, truncated_lose }: Settings): Naive[] {
  const all = completions.map((completion, position): Naive => {
    const ended = completion.state !== 'TRUNCATED' && !completion.truncated;
    const value = completion.state === 'SCORED' ? completion.score : 0;
    return { ...completion, position, mayWin: ended && completion.state === 'SCORED', value };
  });
  const allowed = all.filter((one) => {
    if (one.state === 'ERROR') return false;
    if (one.truncated || one.state === 'TRUNCATED') return truncated_lose && one.value < 1;
    return one.state === 'SCORED' || unscorable === 'loser';
  });
  const same = (one: Naive, other: Naive): boolean => [...one.tokenIds].join() === [...other.tokenIds].join();
  return allowed.filter((one, index) => !allowed.slice(0, index).some((before) => same(one, before)));
}

/** Right and other usable completions. */
export function naiveSides(problem: JudgedProblem, settings: Settings): { winners: Naive[]; losers: Naive[] } {
  const usable = naiveUsable(problem, settings);
  const isRight = ({ mayWin, value }: Naive): boolean => mayWin && value === 1;
  return { winners: usable.filter(isRight), losers: usable.filter((one) => !isRight(one)) };
}

/** Every combination of two lists that has different texts. */
export const combinations = (winners: readonly Naive[], losers: readonly Naive[]): [Naive, Naive][] =>
  winners.flatMap((winner) =>
    losers.filter((loser) => loser.text !== winner.text).map((loser): [Naive, Naive] => [winner, loser]),
  );

export const sorted = (values: readonly number[]): number[] => [...values].sort((one, other) => one - other);
