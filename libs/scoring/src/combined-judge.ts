/** Several scorers as one. */
import type { ResourceUsage, ScoreItem, ScorerCombination, ScorerRef, ServerAddress, Verdict } from '@hone/contracts';
import { CombinationRule, VerdictState } from '@hone/contracts';
import { combineVerdicts } from './combine.ts';
import { joined } from './group-answers.ts';
import type { Judge, JudgeOptions, Judgement } from './judge.ts';
import { OneScorer } from './one-scorer.ts';

/** Where the scorers of a reference are. */
export const scorerServers = (ref: ScorerRef | undefined): readonly ServerAddress[] =>
  ref?.combination?.scorers ?? [ref ?? { address: '' }];

/** "gsm8k", or "any(gsm8k, llm-judge)": for people. */
export function nameOfScorer({ name, combination }: ScorerRef): string {
  if (!combination) return name;
  const rule = combination.rule.replace('COMBINATION_RULE_', '').toLowerCase();
  return `${rule}(${combination.scorers.map(nameOfScorer).join(', ')})`;
}

/** What the verdicts of a combination are marked with. */
interface Mark {
  readonly scorer: string;
  readonly scorerVersion: string;
}

export class CombinedJudge implements Judge {
  private readonly judges: readonly OneScorer[];
  private readonly combination: ScorerCombination;
  private readonly name: string;

  constructor(ref: ScorerRef, combination: ScorerCombination, options: JudgeOptions) {
    this.name = nameOfScorer(ref);
    this.combination = combination;
    this.judges = combination.scorers.map((scorer) => new OneScorer(scorer, options));
  }

  async judge(items: readonly ScoreItem[], signal?: AbortSignal): Promise<Judgement> {
    const mark = { scorer: this.name, scorerVersion: await this.version(signal) };
    const inTurn = this.combination.rule === CombinationRule.FIRST_SCORED;
    return inTurn ? this.askInTurn(items, mark, signal) : this.askAll(items, mark, signal);
  }

  async groupAnswers(sets: readonly (readonly string[])[], signal?: AbortSignal): Promise<number[][]> {
    const groupings = await Promise.all(this.judges.map((judge) => judge.groupAnswers(sets, signal)));
    return sets.map((_, index) => joined(groupings.map((grouping) => grouping[index]!)));
  }

  /** The versions of all; unknown where one of them is. A scorer that was not asked is a part of the combination too. */
  private async version(signal: AbortSignal | undefined): Promise<string> {
    const versions = await Promise.all(this.judges.map((judge) => judge.version(signal)));
    return versions.includes('') ? '' : versions.join('+');
  }

  private async askAll(items: readonly ScoreItem[], mark: Mark, signal?: AbortSignal): Promise<Judgement> {
    const judgements = await Promise.all(this.judges.map((judge) => judge.judge(items, signal)));
    const verdicts = items.map((_, index) => {
      const given = judgements.map((judgement) => judgement.verdicts[index]!);
      return combineVerdicts(given, this.combination, mark);
    });
    return { verdicts, usage: judgements.flatMap(({ usage }) => usage) };
  }

  /** Each scorer is asked only about what those before it left open: a costly one may stand last. */
  private async askInTurn(items: readonly ScoreItem[], mark: Mark, signal?: AbortSignal): Promise<Judgement> {
    const given = items.map((): Verdict[] => []);
    const usage: ResourceUsage[] = [];
    let left = items.map((_, index) => index);
    for (const judge of this.judges) {
      if (left.length === 0) break;
      const judgement = await judge.judge(
        left.map((index) => items[index]!),
        signal,
      );
      for (const [position, index] of left.entries()) given[index]!.push(judgement.verdicts[position]!);
      usage.push(...judgement.usage);
      left = left.filter((_, position) => judgement.verdicts[position]!.state !== VerdictState.SCORED);
    }
    return { verdicts: given.map((verdicts) => combineVerdicts(verdicts, this.combination, mark)), usage };
  }
}
