/** Judging items by asking a language model. */
import { FinishReason, messageOf, Verdict, VerdictState, type ScoreItem } from '@hone/contracts';
import { throwIfAborted, toHoneError } from '@hone/errors';
import { askApi } from './openai.ts';
import { askSampler } from './sampler.ts';
import { SETTINGS, type JudgeSettings } from './settings.ts';
import { questionOf, readJudgement, type Judgement } from './template.ts';

export const LLM_JUDGE = {
  name: 'llm-judge',
  version: '1',
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

const open = ({ id, finishReason }: ScoreItem): Verdict =>
  finishReason === FinishReason.LENGTH
    ? messageOf(Verdict, {
        ...MARK,
        id,
        state: VerdictState.TRUNCATED,
        message: 'the completion was cut off before an answer',
      })
    : messageOf(Verdict, {
        ...MARK,
        id,
        state: VerdictState.UNSCORABLE,
        message: 'the completion states no final answer',
      });

const failed = ({ id }: ScoreItem, message: string): Verdict =>
  messageOf(Verdict, { ...MARK, id, state: VerdictState.ERROR, message });

/** A right answer is the gold answer; a wrong one is what the judge read. */
function scored({ id, gold, completion }: ScoreItem, { ruling, answer }: Judgement): Verdict {
  const isRight = ruling === 'correct';
  const start = answer === '' ? -1 : completion.lastIndexOf(answer);
  return messageOf(Verdict, {
    ...{ ...MARK, id, state: VerdictState.SCORED, score: isRight ? 1 : 0, rule: RULE },
    extractedAnswer: isRight ? gold.trim() : answer || 'another answer',
    normalGold: gold.trim(),
    ...(start >= 0 && { span: { start, end: start + answer.length } }),
  });
}

function verdictOf(item: ScoreItem, answer: string): Verdict {
  const judgement = readJudgement(answer);
  if (!judgement) return failed(item, `the judge stated no verdict, but "${answer.slice(-80)}"`);
  return judgement.ruling === 'no_answer' ? open(item) : scored(item, judgement);
}

/** Items that no model need be asked about. */
function withoutAsking(item: ScoreItem): Verdict | undefined {
  if (item.completion.trim() === '') return open(item);
  return item.gold.trim() === '' ? failed(item, 'gold: must not be empty') : undefined;
}

interface Asking {
  readonly settings: JudgeSettings;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

async function judgeByApi(item: ScoreItem, { settings, timeoutMs, signal }: Asking): Promise<Verdict> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const question = questionOf(settings.template, item);
    return verdictOf(item, await askApi(settings, question, AbortSignal.any([signal, deadline])));
  } catch (thrown) {
    throwIfAborted(signal);
    if (deadline.aborted) return failed(item, `the judge did not answer within ${timeoutMs} ms`);
    return failed(item, toHoneError(thrown).message);
  }
}

async function oneByOne(items: readonly ScoreItem[], asking: Asking): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const item of items) verdicts.push(...(await judgeBySampler([item], asking)));
  return verdicts;
}

async function judgeBySampler(items: readonly ScoreItem[], asking: Asking): Promise<Verdict[]> {
  const { settings, timeoutMs, signal } = asking;
  const verdicts: (Verdict | undefined)[] = items.map(() => undefined);
  const questions = items.map((item, index) => ({ index, text: questionOf(settings.template, item) }));
  let reason = 'the sampler left out its answer';
  try {
    for await (const { index, text } of askSampler(settings, questions, { signal, timeoutMs })) {
      if (items[index]) verdicts[index] = verdictOf(items[index], text);
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

/** Works on a few at once; the results are in the order of the pieces. */
async function inLanes<Piece, Result>(
  pieces: readonly Piece[],
  work: (piece: Piece) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < pieces.length; index = next++) results[index] = await work(pieces[index]!);
  };
  await Promise.all(Array.from({ length: Math.min(CALLS_IN_FLIGHT, pieces.length) }, lane));
  return results;
}

/** The verdicts on the items, in their order. What fails is an ERROR of its item. */
export async function judgeByModel(items: readonly ScoreItem[], asking: Asking): Promise<Verdict[]> {
  const verdicts = items.map(withoutAsking);
  const left = [...items.keys()].filter((index) => !verdicts[index]);
  const perCall = asking.settings.endpoint.protocol === 'grpc:' ? QUESTIONS_PER_CALL : 1;
  const pieces = Array.from({ length: Math.ceil(left.length / perCall) }, (_, at) =>
    left.slice(at * perCall, (at + 1) * perCall),
  );
  const judged = await inLanes(pieces, (piece) => {
    const asked = piece.map((index) => items[index]!);
    return perCall === 1 ? judgeByApi(asked[0]!, asking).then((verdict) => [verdict]) : judgeBySampler(asked, asking);
  });
  for (const [at, piece] of pieces.entries())
    for (const [position, index] of piece.entries()) verdicts[index] = judged[at]![position]!;
  return verdicts.map((verdict) => verdict!);
}
