/** The preference term of a loss in the training graph, whatever it is a function of. */
import type { Loss } from '@hone/losses';
import type { TracedInput } from '@hone/tfjs-onnx';
import type { PreferenceTerm } from '../types.ts';
import { completionGraph } from './completion-loss.ts';
import type { LossGraph, Size } from './loss-graph.ts';
import { pairGraph } from './pair-loss.ts';
import { rowFeeds, rowInputs } from './row-numbers.ts';

/** With what every loss is fed of each row. */
export interface PreferenceGraph extends Omit<LossGraph, 'inputs'> {
  /** Inputs of the graph, for so many rows, and so many pairs or labelled completions. */
  inputs(rows: Size, items: Size): Record<string, TracedInput>;
}

function ownGraph(loss: Loss, settings: object): LossGraph | undefined {
  const { perPair, perCompletion } = loss;
  if (perPair) return pairGraph({ ...loss, perPair }, settings);
  return perCompletion && completionGraph({ ...loss, perCompletion }, settings);
}

/** Undefined where only the NLL is left. */
export function preferenceGraph(term: PreferenceTerm | undefined): PreferenceGraph | undefined {
  const own = term && ownGraph(term.loss, term.settings);
  if (!own) return undefined;
  const { needs } = term.loss;
  return {
    inputs: (rows, items) => ({ ...rowInputs(needs, rows), ...own.inputs(items) }),
    feeds: (part) => ({ ...rowFeeds(part.rows, needs), ...own.feeds(part) }),
    sum: own.sum,
  };
}
