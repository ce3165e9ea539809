/** Who judges a run's completions: the run's scorer, or a model of the run. */
import { FinishReason, messageOf, Prompt, Verdict, VerdictState, type ScoreItem } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { answerOnly } from '@hone/grading';
import { JUDGE, pointsVerdict, questionOf, withoutAnswer } from '@hone/grading/judging';
import type { JudgeSettings, JudgingModel } from '@hone/recipes';
import type { Judge, Judgement, ServiceName } from '../ports/services.ts';
import { callService } from './call-service.ts';
import { drawCompletions, type Drawing } from './draw-completions.ts';
import { promptOfText } from './last-turn.ts';
import { seedOfStep } from './seeds.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** A judge as a step asks it: in its turn, and again while its service is away. */
export interface StepJudge {
  readonly name: string;
  /** The service that it keeps busy. */
  readonly service: ServiceName;
  judge(items: readonly ScoreItem[], signal: AbortSignal): Promise<Judgement>;
  groupAnswers(sets: readonly (readonly string[])[], signal: AbortSignal): Promise<number[][]>;
}

/** The run's scorer. */
export function scorerJudge(context: StepContext): StepJudge {
  const judge: Judge = context.services.openJudge(context.spec.scorer!);
  return {
    name: judge.name,
    service: 'scorer',
    judge: (items, signal) => callService(context, 'scorer', signal, () => judge.judge(items, signal)),
    groupAnswers: (sets, signal) => callService(context, 'scorer', signal, () => judge.groupAnswers(sets, signal)),
  };
}

/**
 * A model, which is asked about each completion several times: the mean of its points is the score. What it answers follows from the step's
 * seed and the completion's id alone. Of a completion that it does not judge nothing is known, so that is an ERROR.
 */
export function modelJudge(context: StepContext, { model: { checkpoint }, settings }: JudgingModel): StepJudge {
  const seed = seedOfStep(context.spec.seed, context.key, 'judge');
  const drawing = { checkpoint, n: settings.draws, sampling: settings, seed };
  return {
    name: `${JUDGE.name}(${checkpoint})`,
    service: 'sampler',
    async judge(items, signal) {
      const read = items.map((item) => readItem(item, settings));
      const asked = read.flatMap(({ question }) => question ?? []);
      const usage = new UsageSum();
      const answers = await answersTo({ ...context, signal }, asked, { drawing, usage });
      const verdicts = read.map(({ id, open }) => open ?? verdictOf(id, answers.get(id)!, settings));
      return { verdicts, usage: [usage.total()] };
    },
    // It reads no answers, and holds none equal to another.
    groupAnswers: async (sets) => sets.map((answers) => [...answers.keys()]),
  };
}

const MARK = { scorer: JUDGE.name, scorerVersion: JUDGE.version };

const failed = (id: string, message: string): Verdict =>
  messageOf(Verdict, { ...MARK, id, state: VerdictState.ERROR, message });

/** An item with the question about it, or with its verdict where nobody need be asked. */
interface ReadItem {
  readonly id: string;
  readonly question?: Prompt;
  readonly open?: Verdict;
}

function readItem({ id, completion, finishReason, prompt, gold }: ScoreItem, settings: JudgeSettings): ReadItem {
  const read = answerOnly(completion, finishReason === FinishReason.LENGTH);
  if (read.refusal || read.text.trim() === '') {
    const { state, message } = withoutAnswer(read);
    return { id, open: messageOf(Verdict, { ...MARK, id, state: VerdictState[state], message }) };
  }
  const { template, format } = settings;
  if (prompt === '' && template.includes('{problem}'))
    return { id, open: failed(id, 'the prompt is no text that a judge could read') };
  return {
    id,
    question: promptOfText(id, questionOf(template, { problem: prompt, gold, completion: read.text }), format),
  };
}

/** A model's answers to a question, or why there are none. */
type Answers = readonly string[] | HoneError;

/** The answers by the questions' ids. One question that is too long for the model must not cost the others their verdict. */
async function answersTo(
  context: StepContext,
  questions: readonly Prompt[],
  asking: { readonly drawing: Drawing; readonly usage: UsageSum },
): Promise<Map<string, Answers>> {
  try {
    const { problems, usage } = await drawCompletions(context, questions, asking.drawing);
    asking.usage.add(usage);
    return new Map(
      problems.map((drawn) => [drawn.problemId, drawn.completions.map(({ completion }) => completion!.text)]),
    );
  } catch (thrown) {
    if (!(thrown instanceof HoneError) || thrown.code !== 'INVALID_ARGUMENT') throw thrown;
    if (questions.length === 1) return new Map([[questions[0]!.id, thrown]]);
    const half = questions.length >> 1;
    const first = await answersTo(context, questions.slice(0, half), asking);
    return new Map([...first, ...(await answersTo(context, questions.slice(half), asking))]);
  }
}

function verdictOf(id: string, answers: Answers, settings: JudgeSettings): Verdict {
  if (answers instanceof HoneError) return failed(id, `the judge cannot be asked: ${answers.message}`);
  const explanation = answers.map((text) => ({ layer: 'judge', text, span: undefined }));
  const { state, ...judged } = pointsVerdict(answers, settings);
  return messageOf(Verdict, { ...MARK, id, state: VerdictState[state], ...judged, explanation });
}
