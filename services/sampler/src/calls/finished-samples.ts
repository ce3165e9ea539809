/** Texts of completions, where the engine has none, and stop texts, where it knows none. */
import type { DrawnSample } from '@hone/sampling-engine';
import type { TextProcesses } from '../text/text-processes.ts';

/** What finishing takes. */
interface Finishing {
  readonly texts: TextProcesses;
  readonly folder: string;
  /** Texts that end a completion. */
  readonly stops: readonly string[];
  /** Whether the engine ends completions at them itself. */
  readonly stopped: boolean;
  readonly signal: AbortSignal;
}

/** A completion with its text. */
export type FinishedSample = DrawnSample & { readonly text: string };

/** A sample with its text; where the engine went on past a stop text, it is cut to the token that completes that. */
export async function finishSample(drawn: DrawnSample, finishing: Finishing): Promise<FinishedSample> {
  const { texts, folder, stops, stopped, signal } = finishing;
  const { text } = drawn;
  if (text !== undefined && (stopped || stops.length === 0)) return { ...drawn, text };
  const { tokenIds, logProbs } = drawn;
  const finished = await texts.finish({ folder, tokenIds, stops }, signal);
  if (finished.stopLength === undefined) return { ...drawn, text: finished.text };
  return {
    ...drawn,
    text: finished.text,
    tokenIds: tokenIds.slice(0, finished.stopLength),
    logProbs: logProbs.slice(0, finished.stopLength),
    finishReason: 'stop',
  };
}
