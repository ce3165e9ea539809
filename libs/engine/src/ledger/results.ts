/** What steps give, as it is kept: a message for each kind of step, with a version of its form. */
import {
  BuildResult,
  Evaluation,
  FeedbackResult,
  nameOfKind,
  PublishResult,
  SampleResult,
  ScoreResult,
  SelectResult,
  StepKind,
  TrainResponse,
  WriteResult,
  type StepReport,
} from '@hone/contracts';
import { dataLoss, internal } from '@hone/errors';

/** The result of a step of each kind. */
export interface ResultOf {
  [StepKind.SAMPLE]: SampleResult;
  [StepKind.SCORE]: ScoreResult;
  [StepKind.BUILD]: BuildResult;
  [StepKind.TRAIN]: TrainResponse;
  [StepKind.EVALUATE]: Evaluation;
  [StepKind.SELECT]: SelectResult;
  [StepKind.PUBLISH]: PublishResult;
  [StepKind.FEEDBACK]: FeedbackResult;
  [StepKind.WRITE]: WriteResult;
}
/** Kinds of steps that there are. */
export type Kind = keyof ResultOf;
export type AnyResult = ResultOf[Kind];

/** A message type. */
interface Form<Message> {
  fromJSON(json: unknown): Message;
  toJSON(message: Message): unknown;
}

/** How a kind's results are kept. A form that changes so that older rows read differently gets a further version here. */
interface Codec<Message> {
  readonly version: number;
  readonly form: Form<Message>;
}

const CODECS: { readonly [K in Kind]: Codec<ResultOf[K]> } = {
  [StepKind.SAMPLE]: { version: 1, form: SampleResult },
  [StepKind.SCORE]: { version: 1, form: ScoreResult },
  [StepKind.BUILD]: { version: 1, form: BuildResult },
  [StepKind.TRAIN]: { version: 1, form: TrainResponse },
  [StepKind.EVALUATE]: { version: 1, form: Evaluation },
  [StepKind.SELECT]: { version: 1, form: SelectResult },
  [StepKind.PUBLISH]: { version: 1, form: PublishResult },
  [StepKind.FEEDBACK]: { version: 1, form: FeedbackResult },
  [StepKind.WRITE]: { version: 1, form: WriteResult },
};

/** A kind's codec, and the name of it, such as "sample/1". */
function codecOf<K extends Kind>(kind: K): { readonly name: string; readonly form: Form<ResultOf[K]> } {
  const { version, form } = CODECS[kind] as Codec<ResultOf[K]>;
  return { name: `${nameOfKind(kind)}/${version}`, form };
}

/** A kind by its name. */
export function kindOfName(name: string): Kind {
  const found = (Object.keys(CODECS) as Kind[]).find((kind) => nameOfKind(kind) === name);
  if (!found) throw internal(`there is no kind of steps "${name}"`);
  return found;
}

/** A result as it is kept, with its form, such as "sample/1". */
export function encodeResult<K extends Kind>(
  kind: K,
  result: ResultOf[K],
): { readonly codec: string; readonly json: unknown } {
  const { name: codec, form } = codecOf(kind);
  return { codec, json: form.toJSON(result) };
}

/** A kept result. */
export function decodeResult<K extends Kind>(kind: K, codec: string, json: unknown): ResultOf[K] {
  const { name, form } = codecOf(kind);
  if (codec !== name)
    throw dataLoss(`a step's result of form ${codec}`, `cannot be read by this version, which knows ${name}`);
  return form.fromJSON(json);
}

/** A result as a step report carries it: under its kind's name. */
export const reportedResult = <K extends Kind>(kind: K, value: ResultOf[K]): NonNullable<StepReport['result']> =>
  ({ $case: nameOfKind(kind), value }) as NonNullable<StepReport['result']>;
