/** Preference data that is timed. */
import { Random } from '@hone/statistics';
import type { PreferenceGroup } from '@hone/training';
import { SHAPES, tokensOf, type ShapeName } from './shapes.ts';

export interface PairSettings {
  readonly shape: ShapeName;
  /** Problems, and the completions and pairs of each. */
  readonly problems: number;
  readonly completions: number;
  readonly pairs: number;
  readonly prompt: number;
  /** Completions have from this many tokens to twice as many. */
  readonly completion: number;
}

/** Of each problem's completions a random number are right; winners and losers are cycled through. */
export function groupsOf({ shape, problems, completions, pairs, prompt, completion }: PairSettings): PreferenceGroup[] {
  const { vocab } = SHAPES[shape];
  const random = new Random(1n);
  return Array.from({ length: problems }, (_, problem) => {
    const winners = 1 + Math.floor(random.uniform() * (completions - 1));
    return {
      problemId: `p${problem}`,
      promptTokenIds: tokensOf(prompt, vocab, problem),
      completions: Array.from({ length: completions }, (_, c) => {
        const length = completion + Math.floor(random.uniform() * (completion + 1));
        const tokenIds = tokensOf(length, vocab, problem * 1000 + c + 1);
        return { tokenIds, referenceLogProb: -length * Math.log(vocab) };
      }),
      pairs: Array.from({ length: pairs }, (_, k) => ({
        chosen: k % winners,
        rejected: winners + (k % (completions - winners)),
      })),
    };
  });
}

/** The same pairs for a peer, one JSON object a line: token ids of prompt, chosen and rejected, problem by problem. */
export function pairLines(settings: PairSettings): string {
  const lines = groupsOf(settings).flatMap(({ promptTokenIds, completions, pairs }) =>
    pairs.map(({ chosen, rejected }) =>
      JSON.stringify({
        prompt_ids: [...promptTokenIds],
        chosen_ids: [...completions[chosen]!.tokenIds],
        rejected_ids: [...completions[rejected]!.tokenIds],
      }),
    ),
  );
  return `${lines.join('\n')}\n`;
}
