/** The loop that recipes are written over, on the ledger: a step that is done is passed over, and gives what it gave. */
import {
  nameOfDigest,
  nameOfKind,
  RuleReport,
  SamplingParams,
  StepKind,
  WriteResult,
  type Evaluation,
  type SampleResult,
} from '@hone/contracts';
import { throwIfAborted } from '@hone/errors';
import {
  comparisonsOf,
  verdictsOf,
  type Choice,
  type Compared,
  type Dataset,
  type EvaluateJob,
  type EvaluationSettings,
  type FeedbackSettings,
  type Judged,
  type Loop,
  type Measured,
  type Model,
  type Named,
  type Problems,
  type Provenance,
  type RowsRef,
  type RuleSettings,
  type SampleNamed,
  type SampleSettings,
  type Samples,
  type ScoreNamed,
  type SelectSettings,
  type Steps,
  type TrainJob,
  type WriteJob,
} from '@hone/recipes';
import { RunJournal, type StepWork } from '../ledger/journal.ts';
import type { Kind } from '../ledger/results.ts';
import { noteSelection, type RunRecord } from '../ledger/runs.ts';
import type { Artifacts, StepOutcome } from '../ledger/steps.ts';
import type { Services } from '../ports/services.ts';
import { throwIfPausing } from '../scheduling/pausing.ts';
import { serviceWait } from '../scheduling/waiting.ts';
import { build } from './build.ts';
import { looksFor, type Look } from './difficulty.ts';
import type { EngineOptions, RunAttempt } from './engine-options.ts';
import { evaluationRows, measure } from './evaluate.ts';
import { feedback } from './feedback.ts';
import { checkpointOfRun, judgeOf, scorerOf } from './lineage.ts';
import { samplingParams } from './messages.ts';
import { policyOf } from './policies.ts';
import { nothingYet, publish } from './publish.ts';
import { sample } from './sample.ts';
import { score } from './score.ts';
import { choose, type Candidate } from './select.ts';
import type { StepContext } from './step-context.ts';
import { train } from './train.ts';
import {
  evaluationWarnings,
  feedbackWarnings,
  pairWarnings,
  samplingWarnings,
  scoringWarnings,
  trainingWarnings,
  writingWarnings,
} from './warnings.ts';
import { writeProblems } from './write-problems.ts';

/** A run of a recipe. */
export class DurableLoop implements Loop {
  readonly base: Model;
  readonly journal: RunJournal;
  /** What was measured on the test problems at the iteration before. */
  lastTest: Evaluation | undefined;
  /** What the iteration before drew, of all problems and without hints. */
  lastSampled: SampleResult | undefined;
  /** What was judged of all problems, iteration by iteration. */
  readonly looks: Look[] = [];
  /** What was offered to the choice so far. */
  readonly candidates: Candidate[] = [];
  private readonly options: EngineOptions;
  private readonly attempt: RunAttempt;
  private readonly services: Services;

  constructor(options: EngineOptions, attempt: RunAttempt) {
    this.options = options;
    this.attempt = attempt;
    this.base = { checkpoint: attempt.run.spec.baseCheckpoint };
    this.services = options.services.of(attempt.run.spec);
    this.journal = new RunJournal({ ...options, ...attempt });
  }

  get run(): RunRecord {
    return this.attempt.run;
  }

  iteration(number: number, of?: number): Steps {
    return new DurableSteps(this, number, number === of);
  }

  /** Does a step, unless it is done. */
  async step<K extends Kind>(
    kind: K,
    iteration: number,
    { name = nameOfKind(kind), part = '' }: Named,
    does: Omit<StepWork<K>, 'work'> & { work(context: StepContext<K>): Promise<StepOutcome<K>> },
  ): Promise<StepOutcome<K>> {
    const { signal, pausing } = this.attempt;
    throwIfAborted(signal);
    throwIfPausing(pausing);
    const key = { iteration, name, kind };
    return this.journal.step(key, { inputs: {}, ...does, work: () => does.work(this.context(key, part)) });
  }

  private context<K extends Kind>(key: StepContext<K>['key'], part: string): StepContext<K> {
    const { journal } = this;
    const { services } = this;
    const { store, database, shares } = this.options;
    const { signal, cancelling, pausing, ending, run, whileIdle } = this.attempt;
    const { id: runId, attempt, spec } = run;
    return {
      ...{ key, runId, spec, iteration: key.iteration, attempt, store, database, services, shares, journal },
      policy: policyOf(spec, key.kind),
      ...{ signal, cancelling, pausing, ending },
      whileIdle: (wait) => journal.uncounted(() => whileIdle(wait)),
      progress: (value) => journal.progress(key, { ...value, part }),
      waiting: (service, failed) => journal.waiting(key, serviceWait(service, services.addresses, failed)),
    };
  }
}

/** Steps of an iteration. Each: what it works on, what follows from its outcome, and what it gives to the recipe. */
class DurableSteps implements Steps {
  readonly iteration: number;
  private readonly loop: DurableLoop;
  private readonly isLast: boolean;

  constructor(loop: DurableLoop, iteration: number, isLast: boolean) {
    this.loop = loop;
    this.iteration = iteration;
    this.isLast = isLast;
  }

  async write(from: Model, job: WriteJob, named: Named = {}): Promise<Problems> {
    const { checkpoint } = from;
    const { result, artifacts } = await this.loop.step(StepKind.WRITE, this.iteration, named, {
      work: (context) => writeProblems(context, checkpoint, job),
      effectsOf: ({ result }) => ({ warnings: writingWarnings(result) }),
      hasShards: true,
    });
    const rows = artifacts['problems'] as Problems['rows'];
    const provenance = {
      writtenBy: checkpoint,
      newPrompts: job.settings,
      writeReport: WriteResult.toJSON(result),
      artifacts: { problems: rows.digest },
    };
    return { rows, provenance };
  }

  async sample(
    from: Model,
    settings: SampleSettings,
    { hinted, problems, ...named }: SampleNamed = {},
  ): Promise<Samples> {
    const { checkpoint } = from;
    const on = problems?.rows ?? hinted?.samples.problems;
    const before = hinted ? undefined : this.loop.lastSampled;
    const looks = settings.curriculum && !hinted ? looksFor(this.loop.looks, this.iteration, settings.curriculum) : [];
    const { result, artifacts } = await this.loop.step(StepKind.SAMPLE, this.iteration, named, {
      inputs: {
        ...(hinted && { judged: hinted.samples.completions, verdicts: hinted.samples.verdicts }),
        ...(on && { problems: on }),
        ...inputsOfLooks(looks),
      },
      work: (context) => sample(context, { checkpoint, settings, hinted, problems: on, looks }),
      effectsOf: ({ result }) => ({ warnings: samplingWarnings(result, before) }),
      hasShards: true,
    });
    if (!hinted) this.loop.lastSampled = result;
    const completions = artifacts['completions'] as Samples['completions'];
    const provenance = {
      ...problems?.provenance,
      sampledFrom: checkpoint,
      samplesPerProblem: settings.samples_per_problem,
      ...(hinted && { hint: hinted.hint }),
      ...(settings.curriculum && { curriculum: settings.curriculum }),
      sampling: SamplingParams.toJSON(samplingParams(settings.sampling)),
      templateDigests: result.templateDigests,
      templateDates: result.templateDates,
      engines: result.engines,
      weightPrecisions: result.weightPrecisions,
    };
    const { samples, samplesPerProblem } = result;
    return {
      ...{ problems: on, completions, samples, samplesPerProblem },
      provenance: withArtifact(provenance, 'completions', completions.digest),
    };
  }

  async score(samples: Samples, { judge, ...named }: ScoreNamed = {}): Promise<Judged> {
    const { result, artifacts } = await this.loop.step(StepKind.SCORE, this.iteration, named, {
      inputs: { completions: samples.completions },
      work: (context) => score(context, { ...samples, judge }),
      effectsOf: ({ result }) => ({ warnings: scoringWarnings(result) }),
      hasShards: true,
    });
    const verdicts = artifacts['verdicts'] as Judged['verdicts'];
    // Samples with hints have a step of their own.
    if (named.name === undefined) this.loop.looks.push({ iteration: this.iteration, verdicts });
    const { scorerVersion } = result;
    const scorer = judge ? judgeOf(judge, scorerVersion) : scorerOf(this.loop.run.spec, scorerVersion);
    return {
      ...samples,
      verdicts,
      provenance: withArtifact({ ...samples.provenance, scorer }, 'verdicts', verdicts.digest),
    };
  }

  async feedback(samples: Samples, settings: FeedbackSettings, named: Named = {}): Promise<Compared> {
    const { artifacts } = await this.loop.step(StepKind.FEEDBACK, this.iteration, named, {
      inputs: { completions: samples.completions },
      work: (context) => feedback(context, samples, settings),
      effectsOf: ({ result }) => ({ warnings: feedbackWarnings(result) }),
    });
    const comparisons = artifacts['comparisons'] as Compared['comparisons'];
    const provenance = withArtifact({ ...samples.provenance, feedback: settings }, 'comparisons', comparisons.digest);
    return { ...samples, comparisons, provenance };
  }

  async build(from: Samples | readonly Samples[], rule: RuleSettings, named: Named = {}): Promise<Dataset> {
    const sources = [from].flat() as Samples[];
    const { result, artifacts } = await this.loop.step(StepKind.BUILD, this.iteration, named, {
      inputs: inputsOf(sources),
      work: (context) => build(context, sources, rule),
      effectsOf: ({ result: { report } }) => ({ warnings: pairWarnings(report!) }),
    });
    const [rows] = Object.values(artifacts);
    const report = result.report!;
    const [latest, ...earlier] = sources;
    const replayed = earlier.map(({ provenance }) => provenance['artifacts']);
    const made = {
      ...latest?.provenance,
      ...{ pairs: rule, pairRule: report.rule, pairReport: RuleReport.toJSON(report) },
      ...(replayed.length > 0 && { replayed }),
    };
    return { rows: rows as Dataset['rows'], provenance: withArtifact(made, 'pairs', rows!.digest) };
  }

  async train({ start, reference = start, dataset, training }: TrainJob, named: Named = {}): Promise<Model> {
    const job = { start, reference, dataset: nameOf(dataset), sampledFrom: sampledFrom(dataset), settings: training };
    const { result } = await this.loop.step(StepKind.TRAIN, this.iteration, named, {
      inputs: typeof dataset === 'string' ? {} : { [dataset.rows.kind]: dataset.rows },
      work: (context) => train(context, job),
      effectsOf: ({ result: trained }) => ({
        checkpoint: checkpointOfRun(
          this.position(),
          trained.checkpoint!,
          typeof dataset === 'string' ? {} : dataset.provenance,
        ),
        warnings: trainingWarnings(trained, training),
      }),
    });
    return { checkpoint: result.checkpoint!.name };
  }

  async evaluate(job: EvaluateJob, named: Named = {}): Promise<Measured> {
    const before = job.on === 'test' ? this.loop.lastTest : undefined;
    const { result } = await this.loop.step(StepKind.EVALUATE, this.iteration, named, {
      work: async (context) => {
        const evaluation = await measure(context, job);
        return { result: evaluation, usage: evaluation.usage!, artifacts: { evaluation: evaluationRows(evaluation) } };
      },
      effectsOf: ({ result: now }) => ({ warnings: evaluationWarnings(now, before) }),
    });
    if (job.on === 'test') this.loop.lastTest = result;
    return { greedy: result.greedy?.accuracy, majority: result.majority?.accuracy?.accuracy };
  }

  async select(
    model: Model,
    settings: SelectSettings,
    evaluation: EvaluationSettings,
    named: Named = {},
  ): Promise<Choice> {
    const { candidates, run } = this.loop;
    const { iteration, isLast } = this;
    const { result } = await this.loop.step(StepKind.SELECT, iteration, named, {
      work: async (context) => {
        const measured = await measure(context, { model, on: 'validation', evaluation });
        const chosen = choose(settings, candidates, { iteration, evaluation: measured, isLast });
        return { result: chosen, usage: measured.usage!, artifacts: { selection: evaluationRows(measured) } };
      },
      effectsOf: ({ result: { bestCheckpoint, bestIteration, stop: earlyStop } }) => ({
        write: async (transaction) => {
          await noteSelection(transaction, run.id, { bestCheckpoint, bestIteration, earlyStop });
          return undefined;
        },
      }),
    });
    candidates.push({ iteration, checkpoint: model.checkpoint, value: result.value });
    return { best: { checkpoint: result.bestCheckpoint }, stop: result.stop === '' ? undefined : result.stop };
  }

  async publish(model: Model): Promise<void> {
    const { run } = this.loop;
    const { iteration } = this;
    await this.loop.step(
      StepKind.PUBLISH,
      iteration,
      {},
      {
        isFree: true,
        work: async () => nothingYet(model.checkpoint),
        effectsOf: () => ({
          endsIteration: true,
          write: (transaction) => publish(transaction, run, iteration, model.checkpoint),
        }),
      },
    );
  }

  private position() {
    const { id: runId, spec } = this.loop.run;
    return { runId, spec, iteration: this.iteration };
  }
}

const nameOf = (dataset: Dataset | string): string =>
  typeof dataset === 'string' ? dataset : nameOfDigest('datasets', dataset.rows.digest);

/** The checkpoint whose log-probs pairs carry. */
const sampledFrom = (dataset: Dataset | string): string =>
  typeof dataset === 'string' || dataset.rows.kind !== 'groups' ? '' : String(dataset.provenance['sampledFrom'] ?? '');

/** Verdicts that tell how hard problems are, by their iterations. */
const inputsOfLooks = (looks: readonly Look[]): Artifacts =>
  Object.fromEntries(looks.map(({ iteration, verdicts }) => [`verdicts-of-iteration-${iteration}`, verdicts]));

/** The rows of samples, those of earlier iterations by how many iterations ago they were drawn. */
function inputsOf(sources: readonly Samples[]): Artifacts {
  const named = sources.flatMap((samples, ago): [string, RowsRef | undefined][] => {
    const suffix = ago === 0 ? '' : `-${ago}`;
    return [
      [`completions${suffix}`, samples.completions],
      [`verdicts${suffix}`, verdictsOf(samples)],
      [`comparisons${suffix}`, comparisonsOf(samples)],
    ];
  });
  return Object.fromEntries(named.filter((entry): entry is [string, RowsRef] => entry[1] !== undefined));
}

function withArtifact(provenance: Provenance, use: string, digest: string): Provenance {
  return { ...provenance, artifacts: { ...(provenance['artifacts'] as object), [use]: digest } };
}
