/** Judging items by asking a language model. */
import { FinishReason, messageOf, Verdict, VerdictState, type ScoreItem } from '@hone/contracts';
import { printable, throwIfAborted, toHoneError } from '@hone/errors';
import { answerOnly, type AnswerOnly } from '@hone/grading';
import { JUDGE, pointsVerdict, questionOf, withoutAnswer } from '@hone/grading/judging';
import { mapConcurrently } from '../map-concurrently.ts';
import { askApi } from './openai.ts';
import { askSampler } from './sampler.ts';
import { SETTINGS, type JudgeSettings } from './settings.ts';
import { readJudgement, type Judgement } from './template.ts';

export const LLM_JUDGE = {
  ...JUDGE,
  description:
    'A language model, behind a sampler or an OpenAI-compatible endpoint, says whether the final answer is the gold answer, or grades by points.',
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

const open = ({ item: { id }, read }: Shown): Verdict => {
  const { state, message } = withoutAnswer(read);
  return messageOf(Verdict, { ...MARK, id, state: VerdictState[state], message });
};

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

/** The answers to the question about an item, as a verdict. */
function verdictOf(item: Shown, answers: readonly string[], { settings: { scale } }: Asking): Verdict {
  if (!scale) return rulingOf(item, answers[0] ?? '');
  const { state, ...judged } = pointsVerdict(answers, scale);
  return messageOf(Verdict, { ...MARK, id: item.item.id, state: VerdictState[state], ...judged });
}

function rulingOf(item: Shown, answer: string): Verdict {
  // A judge that thinks aloud says its verdict behind its thoughts.
  const judgement = readJudgement(answerOnly(answer, false).text);
  if (!judgement) return failed(item, `the judge stated no verdict, but "${printable(answer.slice(-80))}"`);
  return judgement.ruling === 'no_answer' ? open(item) : scored(item, judgement);
}

/** Items that no model need be asked about. */
function withoutAsking(shown: Shown, { scale }: JudgeSettings): Verdict | undefined {
  if (shown.read.refusal || shown.read.text.trim() === '') return open(shown);
  return !scale && shown.item.gold.trim() === '' ? failed(shown, 'gold: must not be empty') : undefined;
}

interface Asking {
  readonly settings: JudgeSettings;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether verdicts shall say what was asked and answered. */
  readonly explain?: boolean;
}

const questionFor = ({ item, read }: Shown, { template }: JudgeSettings): string =>
  questionOf(template, { problem: item.prompt, gold: item.gold, completion: read.text });

/** The verdict, where that is asked with what was shown to the judge and what it said. */
function explained(item: Shown, answers: readonly string[], asking: Asking): Verdict {
  const verdict = verdictOf(item, answers, asking);
  if (!asking.explain) return verdict;
  const { read } = item;
  const thinking = read.thoughts.map((span) => ({ layer: 'thinking', text: 'removed', span }));
  const said = answers.map((text) => ({ layer: 'judge', text }));
  return messageOf(Verdict, { ...verdict, explanation: [...thinking, { layer: 'read', text: read.text }, ...said] });
}

async function judgeByApi(item: Shown, asking: Asking): Promise<Verdict> {
  const { settings, timeoutMs, signal } = asking;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const text = questionFor(item, settings);
    const until = AbortSignal.any([signal, deadline]);
    const draws = Array.from({ length: settings.draws }, (_, draw) => askApi(settings, { text, draw }, until));
    return explained(item, await Promise.all(draws), asking);
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
  const answers = items.map((): string[] => []);
  const questions = items.map((item, index) => ({ index, text: questionFor(item, settings) }));
  let reason = 'the sampler left out its answer';
  try {
    for await (const { index, draw, text } of askSampler(settings, questions, { signal, timeoutMs }))
      if (answers[index]) answers[index][draw] = text;
  } catch (thrown) {
    throwIfAborted(signal);
    const { code, message } = toHoneError(thrown);
    // One question that is too long for the model must not cost the others their verdict.
    if (code === 'INVALID_ARGUMENT' && items.length > 1) return oneByOne(items, asking);
    reason = code === 'DEADLINE_EXCEEDED' ? `the judge did not answer within ${timeoutMs} ms` : message;
  }
  return items.map((item, index) => {
    const said = answers[index]!.filter((text) => text !== undefined);
    return said.length === settings.draws ? explained(item, said, asking) : failed(item, reason);
  });
}

/** The verdicts on the items, in their order. What fails is an ERROR of its item. */
export async function judgeByModel(given: readonly ScoreItem[], asking: Asking): Promise<Verdict[]> {
  const items = given.map(shownOf);
  const verdicts = items.map((item) => withoutAsking(item, asking.settings));
  const left = [...items.keys()].filter((index) => !verdicts[index]);
  const { endpoint, draws } = asking.settings;
  const perCall = endpoint.protocol === 'grpc:' ? QUESTIONS_PER_CALL : 1;
  // An API is called for each answer, and for those to one question at once.
  const width = perCall > 1 ? CALLS_IN_FLIGHT : Math.max(1, Math.floor(CALLS_IN_FLIGHT / draws));
  const pieces = Array.from({ length: Math.ceil(left.length / perCall) }, (_, at) =>
    left.slice(at * perCall, (at + 1) * perCall),
  );
  const judged = await mapConcurrently(pieces, width, (piece) => {
    const asked = piece.map((index) => items[index]!);
    return perCall === 1 ? judgeByApi(asked[0]!, asking).then((verdict) => [verdict]) : judgeBySampler(asked, asking);
  });
  for (const [at, piece] of pieces.entries())
    for (const [position, index] of piece.entries()) verdicts[index] = judged[at]![position]!;
  return verdicts.map((verdict) => verdict!);
}
