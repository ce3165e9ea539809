import { ScoreRequest, VerdictState, type ScoreItem, type ScorerServiceClient, type Verdict } from '@hone/contracts';
import { failedPrecondition, type HoneError } from '@hone/errors';
import { callUnary } from '@hone/rpc';

/**
 * Has a batch of completions judged. A scorer may be anybody's program, so its answer is checked: one verdict an item, in
 * order, with a state and a score that mean something.
 */
export async function scoreBatch(
  scorer: ScorerServiceClient,
  name: string,
  items: readonly ScoreItem[],
  signal: AbortSignal,
): Promise<Verdict[]> {
  const request = ScoreRequest.fromPartial({ scorer: name, items: [...items] });
  const { verdicts } = await callUnary(scorer, 'score', request, { signal });
  if (verdicts.length !== items.length) {
    throw badScorer(name, `gave ${verdicts.length} verdicts for ${items.length} items`);
  }
  for (const [index, verdict] of verdicts.entries()) {
    const { id } = items[index]!;
    if (verdict.id !== id) throw badScorer(name, `gave verdict "${verdict.id}" where that of "${id}" was due`);
    if (verdict.state === VerdictState.UNSPECIFIED) throw badScorer(name, `gave no state for "${id}"`);
    if (verdict.state !== VerdictState.SCORED) continue;
    // Written so that NaN fails too.
    if (!(verdict.score >= 0 && verdict.score <= 1)) throw badScorer(name, `gave score ${verdict.score} for "${id}"`);
  }
  return verdicts;
}

function badScorer(name: string, what: string): HoneError {
  return failedPrecondition('BAD_SCORER', `scorer "${name}" breaks its contract: it ${what}; mend that scorer`);
}
