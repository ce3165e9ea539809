import { unpackInt32, type PreferenceGroup, type RuleReport } from '@hone/contracts';

/** What is told of pairs, as they go into a dataset. */
export class PairFigures {
  private pairs = 0;
  private inexact = 0;
  private readonly byRule: Record<string, number> = {};
  private readonly lengths = { chosen: { pairs: 0, tokens: 0 }, rejected: { pairs: 0, tokens: 0 } };

  add({ completions, pairs }: PreferenceGroup): void {
    this.pairs += pairs.length;
    const lengths = completions.map(({ tokenIds }) => unpackInt32(tokenIds, 'token_ids').length);
    for (const { chosen, rejected, rule } of pairs) {
      this.addLength('chosen', lengths[chosen]!);
      this.addLength('rejected', lengths[rejected]!);
      if (rule !== '') this.byRule[rule] = (this.byRule[rule] ?? 0) + 1;
    }
    // Log-probs of sampling stay beside a completion where they are not the reference's.
    this.inexact += completions.filter(({ sampledLogProbs }) => sampledLogProbs.length > 0).length;
  }

  figures(): Pick<RuleReport, 'pairs' | 'inexactLogProbs' | 'meanChosenTokens' | 'meanRejectedTokens' | 'pairsByRule'> {
    const { chosen, rejected } = this.lengths;
    const mean = ({ pairs, tokens }: typeof chosen): number => (pairs === 0 ? 0 : tokens / pairs);
    return {
      pairs: this.pairs,
      inexactLogProbs: this.inexact,
      meanChosenTokens: mean(chosen),
      meanRejectedTokens: mean(rejected),
      pairsByRule: { ...this.byRule },
    };
  }

  /** A solution is text, of which the tokens are not known here. */
  private addLength(side: 'chosen' | 'rejected', tokens: number): void {
    if (tokens === 0) return;
    this.lengths[side].pairs += 1;
    this.lengths[side].tokens += tokens;
  }
}
