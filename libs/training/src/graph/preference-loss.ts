/** The term of a loss in the training graph, whatever it is a function of. */
import type { PreferenceTerm } from '../types.ts';
import { completionGraph } from './completion-loss.ts';
import type { LossGraph } from './loss-graph.ts';
import { pairGraph } from './pair-loss.ts';
import { tokenGraph } from './token-loss.ts';

/** Undefined where only the NLL is left. */
export function preferenceGraph(term: PreferenceTerm | undefined): LossGraph | undefined {
  if (!term) return undefined;
  const { loss, settings } = term;
  const { perPair, perCompletion, perToken } = loss;
  if (perPair) return pairGraph({ ...loss, perPair }, settings);
  if (perCompletion) return completionGraph({ ...loss, perCompletion }, settings);
  return perToken && tokenGraph({ ...loss, perToken }, settings);
}
