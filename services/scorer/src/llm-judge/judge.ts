/** Judging items by asking a language model. */
import { FinishReason, messageOf, Verdict, VerdictState, type ScoreItem } from '@hone/contracts';
import { printable, throwIfAborted, toHoneError } from '@hone/errors';
import { answerOnly, type AnswerOnly } from '@hone/grading';
import { mapConcurrently } from '../map-concurrently.ts';
import { askApi } from './openai.ts';
import { askSampler } from './sampler.ts';
import { SETTINGS, type JudgeSettings } from './settings.ts';
import { questionOf, readJudgement, type Judgement } from './template.ts';

export const LLM_JUDGE = {
  name: 'llm-judge',
  version: '2',
  description:
    'A language model, behind a sampler or an OpenAI-compatible endpoint, says whether the final answer is the gold answer.',
  settings: SETTINGS,
} as const;

/** A model takes its time. */
export const DEFAULT_JUDGE_TIMEOUT_MS = 60_000;
const CALLS_IN_FLIGHT = 8;
/** Questions a call of a sampler, which batches them. */
const QUESTIONS_PER_CALL = 16;

const MARK = { scorer: LLM_JUDGE.name, scorerVersion: LLM_JUDGE.version };
const RULE = 'llm-judge.verdict';

/** An item, and what of its completion the judge is shown: thoughts are none of its answer. */
interface Shown {
  readonly item: ScoreItem;
  readonly read: AnswerOnly;
}

const shownOf = (item: ScoreItem): Shown => ({
  item,
  read: answerOnly(item.completion, item.finishReason === FinishReason.LENGTH),
});

function open({ item: { id }, read: { isWhole, refusal } }: Shown): Verdict {
  const none = isWhole ? 'the completion states no final answer' : 'the completion was cut off before an answer';
  const state = isWhole ? VerdictState.UNSCORABLE : VerdictState.TRUNCATED;
  return messageOf(Verdict, { ...MARK, id, state, message: refusal ?? none });
}

const failed = ({ item: { id } }: Shown, message: string): Verdict =>
  messageOf(Verdict, { ...MARK, id, state: VerdictState.ERROR, message });

/** A right answer is the gold answer; a wrong one is what the judge read. */
function scored({ item: { id, gold }, read }: Shown, { ruling, answer }: Judgement): Verdict {
  const isRight = ruling === 'correct';
  const start = answer === '' ? -1 : read.text.lastIndexOf(answer);
  return messageOf(Verdict, {
    ...{ ...MARK, id, state: VerdictState.SCORED, score: isRight ? 1 : 0, rule: RULE },
    extractedAnswer: isRight ? gold.trim() : answer || 'another answer',
    normalGold: gold.trim(),
    ...(start >= 0 && { span: read.spanOf({ start, end: start + answer.length }) }),
  });
}

function verdictOf(item: Shown, answer: string): Verdict {
  // A judge that thinks aloud says its verdict behind its thoughts.
  const judgement = readJudgement(answerOnly(answer, false).text);
  if (!judgement) return failed(item, `the judge stated no verdict, but "${printable(answer.slice(-80))}"`);
  return judgement.ruling === 'no_answer' ? open(item) : scored(item, judgement);
}

/** Items that no model need be asked about. */
function withoutAsking(shown: Shown): Verdict | undefined {
  if (shown.read.refusal || shown.read.text.trim() === '') return open(shown);
  return shown.item.gold.trim() === '' ? failed(shown, 'gold: must not be empty') : undefined;
}

interface Asking {
  readonly settings: JudgeSettings;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether verdicts shall say what was asked and answered. */
  readonly explain?: boolean;
}

const questionFor = ({ item, read }: Shown, { template }: JudgeSettings): string =>
  questionOf(template, { ...item, completion: read.text });

/** The verdict with what was shown to the judge and what it said. */
function explained(verdict: Verdict, { read }: Shown, said: string, { explain = false }: Asking): Verdict {
  if (!explain) return verdict;
  const thinking = read.thoughts.map((span) => ({ layer: 'thinking', text: 'removed', span }));
  const steps = [
    { layer: 'read', text: read.text },
    { layer: 'judge', text: said },
  ];
  return messageOf(Verdict, { ...verdict, explanation: [...thinking, ...steps] });
}

async function judgeByApi(item: Shown, asking: Asking): Promise<Verdict> {
  const { settings, timeoutMs, signal } = asking;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const said = await askApi(settings, questionFor(item, settings), AbortSignal.any([signal, deadline]));
    return explained(verdictOf(item, said), item, said, asking);
  } catch (thrown) {
    throwIfAborted(signal);
    if (deadline.aborted) return failed(item, `the judge did not answer within ${timeoutMs} ms`);
    return failed(item, toHoneError(thrown).message);
  }
}

async function oneByOne(items: readonly Shown[], asking: Asking): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const item of items) verdicts.push(...(await judgeBySampler([item], asking)));
  return verdicts;
}

async function judgeBySampler(items: readonly Shown[], asking: Asking): Promise<Verdict[]> {
  const { settings, timeoutMs, signal } = asking;
  const verdicts: (Verdict | undefined)[] = items.map(() => undefined);
  const questions = items.map((item, index) => ({ index, text: questionFor(item, settings) }));
  let reason = 'the sampler left out its answer';
  try {
    for await (const { index, text } of askSampler(settings, questions, { signal, timeoutMs })) {
      const item = items[index];
      if (item) verdicts[index] = explained(verdictOf(item, text), item, text, asking);
    }
  } catch (thrown) {
    throwIfAborted(signal);
    const { code, message } = toHoneError(thrown);
    // One question that is too long for the model must not cost the others their verdict.
    if (code === 'INVALID_ARGUMENT' && items.length > 1) return oneByOne(items, asking);
    reason = code === 'DEADLINE_EXCEEDED' ? `the judge did not answer within ${timeoutMs} ms` : message;
  }
  return verdicts.map((verdict, index) => verdict ?? failed(items[index]!, reason));
}

/** The verdicts on the items, in their order. What fails is an ERROR of its item. */
export async function judgeByModel(given: readonly ScoreItem[], asking: Asking): Promise<Verdict[]> {
  const items = given.map(shownOf);
  const verdicts = items.map(withoutAsking);
  const left = [...items.keys()].filter((index) => !verdicts[index]);
  const perCall = asking.settings.endpoint.protocol === 'grpc:' ? QUESTIONS_PER_CALL : 1;
  const pieces = Array.from({ length: Math.ceil(left.length / perCall) }, (_, at) =>
    left.slice(at * perCall, (at + 1) * perCall),
  );
  const judged = await mapConcurrently(pieces, CALLS_IN_FLIGHT, (piece) => {
    const asked = piece.map((index) => items[index]!);
    return perCall === 1 ? judgeByApi(asked[0]!, asking).then((verdict) => [verdict]) : judgeBySampler(asked, asking);
  });
  for (const [at, piece] of pieces.entries())
    for (const [position, index] of piece.entries()) verdicts[index] = judged[at]![position]!;
  return verdicts.map((verdict) => verdict!);
}
