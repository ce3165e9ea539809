/**
 * What a recipe is written over. Every step is durable: one that is done is not done again, in any life of the process, and gives
 * what it gave. So a recipe must be deterministic: what it does next may depend on its settings and on the results of steps only.
 */
import type { Choice, Compared, Dataset, Judged, Measured, Model, Problems, Samples } from './rows.ts';
import type { EvaluationSettings } from './settings/evaluation.ts';
import type { FeedbackSettings } from './settings/feedback.ts';
import type { JudgeSettings } from './settings/judge.ts';
import type { NewPromptSettings } from './settings/new-prompts.ts';
import type { RuleSettings } from './settings/rule.ts';
import type { SampleSettings } from './settings/sampling.ts';
import type { SelectSettings } from './settings/select.ts';
import type { TrainingSettings } from './settings/training.ts';

/** A training to do. */
export interface TrainJob {
  /** Where the weights start. */
  readonly start: Model;
  /** The reference of the loss; default: `start`. */
  readonly reference?: Model;
  /** What was built, or the name "datasets/{sha256}" of what a caller uploaded. */
  readonly dataset: Dataset | string;
  readonly training: TrainingSettings;
}

/** A measurement to do. */
export interface EvaluateJob {
  readonly model: Model;
  /** Which of the run's problem sets. */
  readonly on: 'test' | 'validation';
  readonly evaluation: EvaluationSettings;
}

/** A further step of a kind in an iteration needs a name of its own; seeds derive from it. */
export interface Named {
  /** Default: the step's kind. */
  readonly name?: string;
  /** Which part of the iteration it is, for people who watch. */
  readonly part?: string;
}

/** Problems to sample again with their answer as a hint. */
export interface Hinted {
  /** The problems: those of which none of these samples was right. */
  readonly samples: Judged;
  /** Stands in front of the prompt, or of the last turn of a chat; "{answer}" in it is the gold answer. What is drawn has the prompt without. */
  readonly hint: string;
}

/** A sample step by its name, and with a hint or problems of its own. */
export interface SampleNamed extends Named {
  readonly hinted?: Hinted;
  /** What to sample on: all of these; absent means problems that are drawn for the iteration. */
  readonly problems?: Problems | undefined;
}

/** A model that judges. */
export interface JudgingModel {
  readonly model: Model;
  readonly settings: JudgeSettings;
}

/** A score step by its name, and with a judge. */
export interface ScoreNamed extends Named {
  /** Who judges in place of the run's scorer. */
  readonly judge?: JudgingModel;
}

/** Problems to write. */
export interface WriteJob {
  readonly settings: NewPromptSettings;
  /** The run's own problems that are drawn for the iteration, in front of the new ones; 0 means all. */
  readonly problems_per_iteration: number;
}

/** The steps of one iteration. */
export interface Steps {
  /** From 0, which makes and measures M_0. */
  readonly iteration: number;
  /**
   * Has a model write new problems after examples of the run's own. They have no gold answer. What is empty, cut off or there already is left
   * out, so that none may come of it.
   */
  write(from: Model, job: WriteJob, named?: Named): Promise<Problems>;
  /**
   * Draws completions of the iteration's problems from a model; with a hint, of those that were not solved. Where the settings have a
   * curriculum, problems are drawn by what the score steps of earlier iterations, those without a name of their own, found of them.
   */
  sample(from: Model, settings: SampleSettings, named?: SampleNamed): Promise<Samples>;
  /** Has the run's scorer judge them, or a model. */
  score(samples: Samples, named?: ScoreNamed): Promise<Judged>;
  /**
   * Asks people which of two completions is better, and waits for what they say, however long that takes. Samples of which no two differ are
   * an error.
   */
  feedback(samples: Samples, settings: FeedbackSettings, named?: Named): Promise<Compared>;
  /**
   * Makes a training set by a dataset rule. Of several samples the latest come first: the rule is applied to those of each iteration by
   * itself. A rule that needs no verdicts takes samples without; one that needs no samples takes none ([]), and is applied to all problems.
   * Nothing to train on is an error.
   */
  build(from: Samples | readonly Samples[], rule: RuleSettings, named?: Named): Promise<Dataset>;
  /** Trains a model, which becomes the iteration's checkpoint. */
  train(job: TrainJob, named?: Named): Promise<Model>;
  /** Measures a model. */
  evaluate(job: EvaluateJob, named?: Named): Promise<Measured>;
  /** Measures a model on the validation problems and compares it with those that were offered before. */
  select(model: Model, settings: SelectSettings, evaluation: EvaluationSettings, named?: Named): Promise<Choice>;
  /** Ends the iteration with its model, which becomes a version of the run's model where the run names one. */
  publish(model: Model): Promise<void>;
}

/** A run of a recipe. */
export interface Loop {
  /** The checkpoint that the run starts from. */
  readonly base: Model;
  /** The steps of an iteration; `of` is the number of the last one, where that is known. */
  iteration(number: number, of?: number): Steps;
}
