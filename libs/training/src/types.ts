/** What training takes: data as token ids, a loss, an optimiser. */
import type { ChosenLoss } from '@hone/losses';

/** A completion of a problem, as training data. */
export interface TrainingCompletion {
  /** End-of-sequence included. */
  readonly tokenIds: Int32Array;
  /** Summed log-prob under the reference; computed from the reference weights where absent. */
  readonly referenceLogProb?: number;
  /** Of each token as a sampler gave it, where that is not exact: compared with what is computed from the reference weights. */
  readonly sampledLogProbs?: Float32Array;
  /** Whether the model that the data says was sampled from drew it; solutions and replayed completions are not. */
  readonly drawn?: boolean;
  /** Computed, where the loss is of tokens. */
  readonly tokenLogProbs?: TokenLogProbs;
}

/** Log-probs of a completion's tokens. */
export interface TokenLogProbs {
  /** Under the policy that training starts from. */
  readonly old: Float32Array;
  readonly reference: Float32Array;
}

/** A preference; both are indices into the group's completions. */
export interface Pair {
  readonly chosen: number;
  readonly rejected: number;
}

/** A completion that is desirable or not by itself; an index into the group's completions. */
export interface Label {
  readonly completion: number;
  readonly desirable: boolean;
  /** How much better the completion is than others of its problem, for losses on tokens. What is above 0 is desirable. */
  readonly advantage?: number;
}

/** All pairs of one problem, or its labelled completions. A completion stands once, whatever the number of its pairs. */
export interface PreferenceGroup {
  readonly problemId: string;
  readonly promptTokenIds: Int32Array;
  readonly completions: readonly TrainingCompletion[];
  /** Empty where there are labels. */
  readonly pairs: readonly Pair[];
  readonly labels?: readonly Label[];
}

/** Data by number: an array, or anything that reads an item when it is asked for. */
export interface Source<Item> {
  readonly length: number;
  at(index: number): Item | undefined | Promise<Item>;
}

/** A demonstration. */
export interface Example {
  readonly promptTokenIds: Int32Array;
  readonly completionTokenIds: Int32Array;
}

/**
 * How the negative log-likelihood of sequences becomes one number. SEQUENCE_MEAN: mean over sequences of (sum over tokens /
 * length), the paper's (arXiv 2404.19733, equation 1). TOKEN_MEAN: sum over all tokens / their number. SEQUENCE_SUM: mean over
 * sequences of the sum over tokens.
 */
export type NllReduction = 'SEQUENCE_MEAN' | 'TOKEN_MEAN' | 'SEQUENCE_SUM';

/** What the loss of a pair, a labelled completion or a token is. */
export type PreferenceTerm = ChosenLoss;

/** Loss on pairs or labelled completions + nllAlpha * NLL of the chosen, or of the desirable. */
export interface PreferenceLoss extends PreferenceTerm {
  /** At least 0. */
  readonly nllAlpha: number;
  readonly nllReduction: NllReduction;
}

/** NLL of demonstrations. */
export interface DemonstrationLoss {
  readonly nllReduction: NllReduction;
}

/** AdamW (arXiv 1711.05101). */
export interface OptimizerOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled; acts on matrices only. */
  readonly weightDecay: number;
  /** Largest global norm of the gradient; 0 does not clip. */
  readonly maxGradNorm: number;
  readonly warmupSteps: number;
  readonly schedule: 'constant' | 'linear' | 'cosine';
}

/**
 * What one step measured. Log-probs and rewards are means over the step's pairs (over its examples for chosenLogProb). Of labelled
 * completions the desirable are the chosen and the others the rejected; 0 stands where a step has none of them.
 */
export interface StepMetrics {
  /** From 1. */
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number;
  readonly preferenceLoss: number;
  /** Before its weight. */
  readonly nllLoss: number;
  readonly chosenLogProb: number;
  readonly rejectedLogProb: number;
  readonly chosenReward: number;
  readonly rejectedReward: number;
  readonly margin: number;
  /** Share of pairs whose chosen reward is above the rejected's; of labelled completions whose score is on their label's side of `referencePoint`. */
  readonly accuracy: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Forwarded: a prompt once a part, whatever the number of its completions; never padding. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
  /** Share of the slots that attention runs over which hold no token. */
  readonly paddingShare: number;
  /** Of the same completions under the reference; 0 where there is none. */
  readonly referenceChosenLogProb: number;
  readonly referenceRejectedLogProb: number;
  /** k1 estimate of the divergence of policy and reference, in nats a completion; undefined where there is nothing to tell it from. */
  readonly kl: number | undefined;
  /** What KTO compares scores with: the batch's KL divergence as the loss was told it; 0 for a loss that needs none. */
  readonly referencePoint: number;
  /** Of the first step of a training that starts at its reference. */
  readonly start: StartCheck | undefined;
}

/** The first step before its update, where policy and reference are one model. */
export interface StartCheck {
  readonly preferenceLoss: number;
  /** The loss at equal log-probs. */
  readonly expectedLoss: number;
  /** Mean over completions of |difference of the summed log-probs| by the completion's tokens, in nats. */
  readonly logProbGap: number;
}
