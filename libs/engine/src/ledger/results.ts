/** What steps give, as it is kept: a message for each kind of step, with a version of its form. */
import {
  BuildResult,
  Evaluation,
  PublishResult,
  SampleResult,
  ScoreResult,
  SelectResult,
  StepKind,
  TrainResponse,
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
  /** Name of the kind in rows and for people. */
  readonly name: string;
  readonly version: number;
  readonly form: Form<Message>;
  /** As a step report carries it. */
  report(result: Message): NonNullable<StepReport['result']>;
}

const CODECS: { readonly [K in Kind]: Codec<ResultOf[K]> } = {
  [StepKind.SAMPLE]: {
    name: 'sample',
    version: 1,
    form: SampleResult,
    report: (value) => ({ $case: 'sample', value }),
  },
  [StepKind.SCORE]: { name: 'score', version: 1, form: ScoreResult, report: (value) => ({ $case: 'score', value }) },
  [StepKind.BUILD]: { name: 'build', version: 1, form: BuildResult, report: (value) => ({ $case: 'build', value }) },
  [StepKind.TRAIN]: { name: 'train', version: 1, form: TrainResponse, report: (value) => ({ $case: 'train', value }) },
  [StepKind.EVALUATE]: {
    name: 'evaluate',
    version: 1,
    form: Evaluation,
    report: (value) => ({ $case: 'evaluate', value }),
  },
  [StepKind.SELECT]: {
    name: 'select',
    version: 1,
    form: SelectResult,
    report: (value) => ({ $case: 'select', value }),
  },
  [StepKind.PUBLISH]: {
    name: 'publish',
    version: 1,
    form: PublishResult,
    report: (value) => ({ $case: 'publish', value }),
  },
};

const codecOf = <K extends Kind>(kind: K): Codec<ResultOf[K]> => CODECS[kind] as Codec<ResultOf[K]>;

/** "sample", "train": a kind for people, and the name of an iteration's only step of it. */
export const nameOfKind = (kind: Kind): string => CODECS[kind].name;

/** A kind by its name. */
export function kindOfName(name: string): Kind {
  const found = (Object.keys(CODECS) as Kind[]).find((kind) => CODECS[kind].name === name);
  if (!found) throw internal(`there is no kind of steps "${name}"`);
  return found;
}

/** A result as it is kept, with its form, such as "sample/1". */
export function encodeResult<K extends Kind>(
  kind: K,
  result: ResultOf[K],
): { readonly codec: string; readonly json: unknown } {
  const { name, version, form } = codecOf(kind);
  return { codec: `${name}/${version}`, json: form.toJSON(result) };
}

/** A kept result. */
export function decodeResult<K extends Kind>(kind: K, codec: string, json: unknown): ResultOf[K] {
  const { name, version, form } = codecOf(kind);
  if (codec !== `${name}/${version}`)
    throw dataLoss(
      `a step's result of form ${codec}`,
      `cannot be read by this version, which knows ${name}/${version}`,
    );
  return form.fromJSON(json);
}

/** A result as a step report carries it. */
export const reportedResult = <K extends Kind>(kind: K, result: ResultOf[K]): NonNullable<StepReport['result']> =>
  codecOf(kind).report(result);
