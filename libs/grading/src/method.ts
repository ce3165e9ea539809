/** What each scorer is made of: a way to find an answer and a way to compare it, behind the one reading of completions. */
import { openThoughtMessage, readCompletion, type Completion, type Given } from './reading/read-completion.ts';
import { checkConfig, type ScorerType } from './scorer-type.ts';
import type { Extracted, OpenVerdict, ScoredVerdict, ScoreItem, Scorer, Step, Verdict } from './verdict.ts';

/** A text that states something which is no answer: two of them, for example. */
export interface NoAnswer {
  readonly reason: string;
}

/** What was found in the text that a scorer reads; the span is one of that text. */
export interface FoundAnswer extends Extracted {
  /** As it is written, where that is not the normal form. */
  readonly written?: string;
}
export type Found = FoundAnswer | NoAnswer | undefined;

export const isAnswer = (found: Found): found is FoundAnswer => found !== undefined && 'answer' in found;

/** How an answer compares with the gold answer. */
export interface Compared {
  readonly right: boolean;
  /** In the scorer's normal form. */
  readonly answer: string;
  readonly normalGold: string;
}

/** The gold answer of an item, and how answers compare with it. */
export interface Target {
  /** Undefined for what turns out to be no answer. */
  compare(answer: string): Compared | undefined;
}

/** A target that only its own normal form meets. */
export const exactly = (normalGold: string): Target => ({
  compare: (answer) => ({ right: answer === normalGold, answer, normalGold }),
});

export interface Method extends Pick<Scorer, 'name' | 'version' | 'description'> {
  /** Throws an INVALID_ARGUMENT that names `gold` or `choices`. */
  target(item: ScoreItem): Target;
  /** The answer in a text; where that is not whole, only what it states as its answer. */
  find(text: string, isWhole: boolean, item: ScoreItem): Found;
  /** Whether two answers are the same; default: whether their texts are. */
  sameAnswer?(one: string, other: string): boolean;
}

const NONE = 'the completion states no final answer that this scorer can read';
const CUT_OFF = 'the completion was cut off before it stated a whole final answer';

/** A scorer without settings, by its method. */
export function defineScorer(method: Method): ScorerType {
  const scorer = scorerOf(method);
  return {
    ...{ name: method.name, version: method.version, description: method.description },
    settings: {},
    create(config) {
      checkConfig(config, {});
      return scorer;
    },
  };
}

/** The scorer of a method; one with settings makes it for each of them. */
export function scorerOf(method: Method): Scorer {
  const { name, version, description } = method;
  return {
    ...{ name, version, description },
    sameAnswer: (one, other) => method.sameAnswer?.(one, other) ?? one === other,
    score: (item) => judge(method, item),
  };
}

function judge(method: Method, item: ScoreItem): Verdict {
  const target = method.target(item);
  const given = (text: string): Given => {
    if (method.find(text, false, item)) return 'stated';
    return method.find(text, true, item) ? 'implied' : undefined;
  };
  const { truncated, prompt = '' } = item;
  const completion = readCompletion(item.completion, { truncated, prompt, given });
  const found = completion.openThought ? undefined : method.find(completion.text, completion.isWhole, item);
  const verdict = verdictOf(found, completion, target);
  return item.explain ? { ...verdict, explanation: explain(verdict, found, completion, item) } : verdict;
}

/**
 * A cut-off completion that states a final answer is judged by it; without one it is TRUNCATED, because its end is not known. So is
 * one that was cut off right behind its answer: "#### 1" may have been about to be 18.
 */
function verdictOf(found: Found, completion: Completion, target: Target): ScoredVerdict | OpenVerdict {
  const { text, isWhole, openThought, spanOf } = completion;
  const state = isWhole ? 'UNSCORABLE' : 'TRUNCATED';
  if (openThought) return { state, message: openThoughtMessage(openThought, isWhole) };
  if (!isAnswer(found) || (!isWhole && found.span.end >= text.length))
    return { state, message: isWhole ? (found && 'reason' in found ? found.reason : NONE) : CUT_OFF };
  const compared = target.compare(found.answer);
  if (!compared) return { state, message: isWhole ? NONE : CUT_OFF };
  const { right, answer, normalGold } = compared;
  const { rule, written = found.answer } = found;
  return { state: 'SCORED', score: right ? 1 : 0, answer, span: spanOf(found.span), rule, written, normalGold };
}

const MOST_SHOWN = 400;

/** A text at a length that people read. */
function shown(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length <= MOST_SHOWN) return JSON.stringify(trimmed);
  const [head, tail] = [trimmed.slice(0, MOST_SHOWN / 2), trimmed.slice(-MOST_SHOWN / 2)];
  return `${JSON.stringify(head)} … ${JSON.stringify(tail)} (${trimmed.length} characters)`.replaceAll(
    /\\ud[89a-f]../gi,
    '�',
  );
}

function explain(verdict: Verdict, found: Found, completion: Completion, item: ScoreItem): Step[] {
  const { thoughts, openThought, cut, text, isWhole } = completion;
  const steps: Step[] = [
    {
      layer: 'completion',
      text: `${item.completion.length} characters, ${item.truncated ? 'cut off' : 'ended by itself'}`,
    },
    ...thoughts.map((span): Step => ({ layer: 'thinking', text: 'removed', span })),
  ];
  if (openThought) steps.push({ layer: 'thinking', text: `${openThought} does not end` });
  if (cut) steps.push({ layer: 'cut', text: 'a next problem or turn was cut off' });
  steps.push({ layer: 'read', text: `${shown(text)}${isWhole ? '' : ', stated answers only'}` });
  const at = isAnswer(found) ? { span: completion.spanOf(found.span) } : {};
  if (isAnswer(found))
    steps.push({ layer: 'rule', text: `${found.rule} found ${shown(found.written ?? found.answer)}`, ...at });
  else steps.push({ layer: 'rule', text: found?.reason ?? 'none found an answer' });
  if (verdict.state !== 'SCORED') return [...steps, { layer: 'verdict', text: `${verdict.state}: ${verdict.message}` }];
  const { answer, normalGold, score } = verdict;
  steps.push({ layer: 'parsed', text: shown(answer), ...at }, { layer: 'gold', text: shown(normalGold) });
  return [...steps, { layer: 'compared', text: score === 1 ? 'equal: right' : 'different: wrong' }];
}
