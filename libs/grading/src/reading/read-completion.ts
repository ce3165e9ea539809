/** What of a completion a scorer reads: its own answer, without thoughts, other turns and other problems. */
import { PartialText, type Range } from './partial-text.ts';
import { ownProblem, type Given } from './problems.ts';
import { thoughtsIn } from './thinking.ts';
import type { Thoughts } from './thoughts.ts';
import { turnEnd } from './turns.ts';

export type { Given } from './problems.ts';
export type { Range } from './partial-text.ts';

export interface Completion {
  readonly text: string;
  /** Whether its end is the model's own, or what follows was left out. */
  readonly isWhole: boolean;
  /** Where in the completion a range of the text stands. */
  readonly spanOf: (range: Range) => Range;
  /** The thoughts that were taken out, as ranges of the completion. */
  readonly thoughts: readonly Range[];
  /** The tag of a thought that does not end: there is no answer. */
  readonly openThought: string | undefined;
  /** Whether a next problem or turn was cut off. */
  readonly cut: boolean;
}

export interface ReadingOptions {
  readonly truncated: boolean;
  readonly prompt: string;
  /** Whether a text gives an answer, as the scorer at hand reads it. */
  readonly given: (text: string) => Given;
  /** Leaves problems that are written down where they are. */
  readonly keepProblems?: boolean;
}

/** Reads a completion in the order in which models make it: thoughts within the own turn, the answer, then what is made up. */
export function readCompletion(completion: string, options: ReadingOptions): Completion {
  const channels = completion.includes('<|channel|>');
  // In that format every message ends a turn, thoughts too.
  const end = channels ? completion.length : turnEnd(completion);
  const turn = PartialText.of(completion).upTo(end);
  const thoughts = thoughtsIn(turn.text);
  const message = withoutThoughts(turn, thoughts);
  const spoken = channels ? message.upTo(turnEnd(message.text)) : message;
  const { truncated, keepProblems = false } = options;
  const { rest, cut: cutProblem } = keepProblems ? { rest: spoken, cut: false } : ownProblem(spoken, options);
  const cut = cutProblem || end < completion.length || spoken.text.length < message.text.length;
  return {
    text: rest.text,
    isWhole: !truncated || cut,
    spanOf: (range) => rest.spanOf(range),
    thoughts: thoughts.ranges,
    // A thought behind the own answer belongs to what the model makes up.
    openThought: cutProblem ? undefined : thoughts.open?.tag,
    cut,
  };
}

/** Why a completion whose thought does not end is not judged. */
export const openThoughtMessage = (tag: string, isWhole: boolean): string =>
  `the completion ${isWhole ? 'ends' : 'was cut off'} within its thinking (${tag}), so that it states no answer`;

function withoutThoughts(turn: PartialText, { ranges, open }: Thoughts): PartialText {
  return (open ? turn.upTo(open.start) : turn).without(ranges);
}
