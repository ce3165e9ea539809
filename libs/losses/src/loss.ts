/**
 * What a loss is: a function of the log-probs under policy and reference, of both completions of a preference pair, of single completions
 * that are desirable or not, or of the tokens of completions that have an advantage.
 */
import type { SettingsSchema } from '@hone/settings';
import type { tf } from '@hone/tfjs-onnx';
import type { z } from 'zod';

/**
 * The operations that a loss is written in, those of TensorFlow.js. They are handed to it, so that whoever reads a loss's settings
 * loads no tensors. What it computes is traced into the training graph, and differentiated there.
 */
export type Ops = typeof tf;
/** A number for each pair, `[pairs]`. */
export type PerPair = tf.Tensor1D;
/** A number for each labelled completion, `[completions]`. */
export type PerCompletion = tf.Tensor1D;

/** What a loss knows of one side of its pairs, or of labelled completions; what its needs do not name cannot be read. */
export interface Side {
  /** The log-ratio to the reference, or without a reference the log-prob: summed, or the mean per token, as the loss needs. */
  readonly score: tf.Tensor1D;
  /** Summed log-prob under the policy. */
  readonly logProb: tf.Tensor1D;
  /** Summed log-prob under the reference. */
  readonly reference: tf.Tensor1D;
  /** Tokens of the completion, its end token included. */
  readonly tokens: tf.Tensor1D;
}

export interface Pairs {
  readonly chosen: Side;
  readonly rejected: Side;
  /** Score of the chosen less that of the rejected. */
  readonly margin: PerPair;
}

/** Completions by themselves. Those of a pair are a desirable and an undesirable one. */
export interface Completions extends Side {
  /** 1 for what is desirable, 0 for what is not. */
  readonly desirable: PerCompletion;
  /**
   * KL divergence of the policy from the reference, in nats: estimated for the batch as a whole, on its completions behind prompts of
   * others; at least 0, and without a gradient. A scalar.
   */
  readonly kl: tf.Scalar;
}

/** A number for each token of completions, `[tokens]`. */
export type PerToken = tf.Tensor1D;

/** Tokens of completions that have an advantage. */
export interface Tokens {
  /** Log-prob under the policy. */
  readonly logProb: PerToken;
  /** Log-prob under the policy that the completions were drawn from, which is where the training starts. */
  readonly old: PerToken;
  /** Log-prob under the reference. */
  readonly reference: PerToken;
  /** Of the token's completion: how much better it is than others of its problem; below 0 where it is worse. */
  readonly advantage: PerToken;
}

/** How many tokens the completion of a token has, and how many completions and tokens the batch. */
export interface TokenCounts {
  readonly length: number;
  readonly completions: number;
  readonly tokens: number;
}

/** What the trainer must have at hand. */
export interface Needs {
  /** Log-probs under the reference. Without them no reference model is read. */
  readonly reference: boolean;
  /** Whether scores are of summed log-probs, or of their means per token. */
  readonly scores: 'sum' | 'mean';
  /** Numbers of tokens. */
  readonly tokens?: boolean;
  /** The KL divergence from the reference, for losses of single completions: a forward pass more a step. */
  readonly kl?: boolean;
}

/** A loss: what it is, what can be set, and its value for each pair, each completion or each token. */
export interface Loss<Schema extends SettingsSchema = SettingsSchema> {
  /** Small letters, digits and underscores. */
  readonly name: string;
  /** Other names that peers have for it. */
  readonly aliases?: readonly string[];
  /** Rises whenever the same settings may give another loss. */
  readonly version: number;
  /** One line, for lists. */
  readonly summary: string;
  /** Of one pair, one completion or one token, in plain text. */
  readonly formula: string;
  /** Paper and equation. */
  readonly source: string;
  readonly needs: Needs;
  /** Default, range and description of every key. `beta`, where there is one, is also the scale of the rewards that are reported. */
  readonly settings: Schema;
  /**
   * The loss of each pair, `[pairs]`. A loss has this, `perCompletion` or `perToken`; none of them where only the NLL is left. Must be
   * finite, with a gradient, for every log-prob up to 0.
   */
  perPair?(tf: Ops, pairs: Pairs, settings: z.output<Schema>): tf.Tensor;
  /** The loss of each completion, `[completions]`; finite as `perPair` is. */
  perCompletion?(tf: Ops, completions: Completions, settings: z.output<Schema>): tf.Tensor;
  /** The loss of each token, `[tokens]`; finite as `perPair` is. */
  perToken?(tf: Ops, tokens: Tokens, settings: z.output<Schema>): tf.Tensor;
  /** With `perToken`: what a token's loss is multiplied by in the sum that is the batch's. */
  tokenWeight?(counts: TokenCounts, settings: z.output<Schema>): number;
}

/** A loss with the types of its settings worked out. */
export const defineLoss = <Schema extends SettingsSchema>(loss: Loss<Schema>): Loss<Schema> => loss;
