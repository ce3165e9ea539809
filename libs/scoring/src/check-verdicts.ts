import { VerdictState, type ScoreItem, type Verdict } from '@hone/contracts';
import { failedPrecondition, type HoneError } from '@hone/errors';

/**
 * A scorer may be anybody's program, so its answer is checked: one verdict an item, in order, with a state and a score that
 * mean something.
 */
export function checkVerdicts(scorer: string, items: readonly ScoreItem[], verdicts: readonly Verdict[]): void {
  if (verdicts.length !== items.length) {
    throw badScorer(scorer, `gave ${verdicts.length} verdicts for ${items.length} items`);
  }
  for (const [index, { id: due }] of items.entries()) {
    const { id, state, score } = verdicts[index]!;
    if (id !== due) throw badScorer(scorer, `gave verdict "${id}" where that of "${due}" was due`);
    if (state === VerdictState.UNSPECIFIED) throw badScorer(scorer, `gave no state for "${id}"`);
    // Written so that NaN fails too.
    const isScore = state !== VerdictState.SCORED || (score >= 0 && score <= 1);
    if (!isScore) throw badScorer(scorer, `gave score ${score} for "${id}"`);
  }
}

function badScorer(name: string, what: string): HoneError {
  return failedPrecondition('BAD_SCORER', `scorer "${name}" breaks its contract: it ${what}; mend that scorer`);
}
