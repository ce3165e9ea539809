import type { ConfigFields } from './config-fields.ts';
import { LIMITS } from './config-limits.ts';

/** How rotary frequencies are stretched past the context that the model was first trained on. */
export type RopeScaling =
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositionEmbeddings: number;
    }
  | {
      readonly type: 'yarn';
      readonly factor: number;
      /** Cosines and sines are multiplied by it. */
      readonly attentionFactor: number;
      /** Turns within the original context above which a frequency stays, and below which it is divided by the factor. */
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly originalMaxPositionEmbeddings: number;
      /** Whether the dimensions between are rounded to whole ones. */
      readonly truncate: boolean;
    }
  | {
      /** LongRoPE (Ding et al., arXiv 2402.13753) within the original context, beyond which no sequence goes. */
      readonly type: 'longrope';
      /** What each frequency is divided by. */
      readonly shortFactors: readonly number[];
      /** Cosines and sines are multiplied by it. */
      readonly attentionFactor: number;
      readonly originalMaxPositionEmbeddings: number;
    };

/** Rotary embedding of a layer. */
export interface Rope {
  /** Base of the frequencies. */
  readonly theta: number;
  readonly scaling: RopeScaling | null;
  /** How many of a head's numbers are turned, the first; absent: all. */
  readonly turnedDims?: number;
}

/**
 * Published checkpoints have `rope_theta` beside `rope_scaling`; Transformers 5 writes both inside `rope_parameters`. Where a
 * config has both, Transformers takes `rope_scaling` in the place of all of `rope_parameters`, its theta too.
 */
export function parseRope(config: ConfigFields, maxPositionEmbeddings: number, rules: RopeRules = {}): Rope {
  const legacy = config.nested('rope_scaling');
  const written = config.nested('rope_parameters');
  const parameters = legacy && !legacy.isEmpty ? legacy : written;
  const stating = parameters?.has('rope_theta') ? parameters : config;
  const theta = stating.positiveNumber('rope_theta', 10000);
  config.value('rope_theta');
  const turned = rules.headDim === undefined ? {} : turnedDims(config, parameters, rules.headDim);
  if (rules.headDim === undefined) requireWholeRotation(config);
  // The config's own wins over that of the parameters.
  const originalOf = (fields: ConfigFields | null, whenMissing: number): number =>
    fields?.size('original_max_position_embeddings', LIMITS.positions, { whenMissing }) ?? whenMissing;
  const stated = originalOf(parameters, maxPositionEmbeddings);
  const originalContext = originalOf(config, rules.originalContext ?? stated);
  if (!parameters) return { theta, scaling: null, ...turned };
  const scaling = parseScaling(parameters, maxPositionEmbeddings, originalContext, rules.aliases);
  requireKnownParameters(parameters, rules.headDim === undefined);
  return { theta, scaling, ...turned };
}

/** How a family's rotary embedding may differ. */
export interface RopeRules {
  /** Set where `partial_rotary_factor` of a head may be turned. */
  readonly headDim?: number;
  /** `original_max_position_embeddings` where the config lacks it, whatever its parameters say. */
  readonly originalContext?: number;
  /** Other names of types of scaling. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** `partial_rotary_factor` of the parameters wins over the config's own. */
function turnedDims(config: ConfigFields, parameters: ConfigFields | null, headDim: number): { turnedDims?: number } {
  const factor = parameters?.has('partial_rotary_factor') ? parameters : config;
  const dims = Math.trunc(headDim * factor.positiveNumber('partial_rotary_factor', 1));
  config.value('partial_rotary_factor');
  if (dims < 2 || dims > headDim || dims % 2 !== 0)
    throw factor.wrong('partial_rotary_factor', `must make an even number of up to ${headDim} of it`);
  return dims === headDim ? {} : { turnedDims: dims };
}

/** Where `rope_theta` of a type of layers is, where its parameters do not say; null: nowhere. */
export interface ThetaRule {
  readonly key: string | null;
  readonly whenMissing: number;
}

/**
 * For families whose layers with a window rotate otherwise than those without. Transformers 5 writes both under their types' names in
 * `rope_parameters`; `rope_scaling` of published checkpoints is of layers without a window alone.
 */
export function parseRopeByLayerType(
  config: ConfigFields,
  context: number,
  thetas: { readonly full: ThetaRule; readonly sliding: ThetaRule },
): { readonly full: Rope; readonly sliding: Rope } {
  const written = config.nested('rope_parameters');
  const [full, sliding] = ['full_attention', 'sliding_attention'].map((type) => written?.nested(type) ?? null);
  const legacy = config.nested('rope_scaling');
  if (legacy && !legacy.isEmpty && full) throw config.unsupported('rope_scaling', 'null beside rope_parameters is');
  for (const [name] of written?.others() ?? []) throw written!.unsupported(name, 'settings by type of layer are');
  requireWholeRotation(config);
  return {
    full: ropeOfLayers(config, context, legacy && !legacy.isEmpty ? legacy : full!, thetas.full),
    sliding: ropeOfLayers(config, context, sliding!, thetas.sliding),
  };
}

function ropeOfLayers(
  config: ConfigFields,
  context: number,
  parameters: ConfigFields | null,
  { key, whenMissing }: ThetaRule,
): Rope {
  const beside = key === null ? whenMissing : config.positiveNumber(key, whenMissing);
  if (!parameters) return { theta: beside, scaling: null };
  const theta = parameters.positiveNumber('rope_theta', beside);
  const original = { whenMissing: context };
  const originalContext = parameters.size('original_max_position_embeddings', LIMITS.positions, original);
  const scaling = parseScaling(parameters, context, originalContext);
  requireKnownParameters(parameters);
  return { theta, scaling };
}

/** Rotation of a part of each head: these families rotate all of it. */
function requireWholeRotation(fields: ConfigFields): void {
  fields.require('partial_rotary_factor', 1);
  fields.require('rotary_pct', 1);
}

/** Parameters of other types than the chosen one have no effect; tools leave them there. */
const OF_OTHER_TYPES =
  `rope_type type rope_theta factor original_max_position_embeddings low_freq_factor high_freq_factor
  attention_factor beta_fast beta_slow mscale mscale_all_dim truncate finetuned short_factor long_factor`.split(/\s+/);

function requireKnownParameters(parameters: ConfigFields, isWhole = true): void {
  if (isWhole) requireWholeRotation(parameters);
  const known = new Set(OF_OTHER_TYPES);
  for (const [name, value] of parameters.others()) {
    if (!known.has(name) && value !== null && value !== false) {
      throw parameters.unsupported(name, 'settings for all layers and all of each head are');
    }
  }
}

function parseScaling(
  scaling: ConfigFields,
  context: number,
  originalContext: number,
  aliases: Readonly<Record<string, string>> = {},
): RopeScaling | null {
  // 'type' is the older name of the field; configs of Llama 3.1 carry both.
  const field = scaling.has('rope_type') ? 'rope_type' : 'type';
  const named = scaling.string(field, 'default');
  switch (Object.hasOwn(aliases, named) ? aliases[named] : named) {
    case 'default':
    case 'dynamic':
      // Dynamic scaling begins where a sequence is longer than max_position_embeddings, and none is.
      return null;
    case 'linear':
      return { type: 'linear', factor: scaling.positiveNumber('factor') };
    case 'llama3':
      return {
        type: 'llama3',
        factor: scaling.positiveNumber('factor'),
        lowFreqFactor: scaling.positiveNumber('low_freq_factor'),
        highFreqFactor: scaling.positiveNumber('high_freq_factor'),
        originalMaxPositionEmbeddings: originalContext,
      };
    case 'yarn':
      return parseYarn(scaling, context, originalContext);
    case 'longrope':
      return parseLongRope(scaling, context, originalContext);
    default:
      throw scaling.unsupported(field, '"default", "linear", "dynamic", "llama3", "yarn" and "longrope" are');
  }
}

function parseLongRope(scaling: ConfigFields, context: number, originalContext: number): RopeScaling {
  const factor = scaling.positiveNumber('factor', context / originalContext);
  const inferred = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalContext));
  return {
    type: 'longrope',
    shortFactors: scaling.positiveNumbers('short_factor', LIMITS.headDim),
    attentionFactor: scaling.positiveNumber('attention_factor', inferred),
    originalMaxPositionEmbeddings: originalContext,
  };
}

/** YaRN (Peng et al., arXiv 2309.00071), with DeepSeek's two factors of the attention's temperature. */
function parseYarn(scaling: ConfigFields, context: number, originalContext: number): RopeScaling {
  const factor = scaling.positiveNumber('factor', context / originalContext);
  const temperature = (mscale: number): number => (factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1);
  const both = ['mscale', 'mscale_all_dim'].map((name) => scaling.value(name) || null);
  const inferred = both.includes(null)
    ? temperature(1)
    : temperature(scaling.positiveNumber('mscale')) / temperature(scaling.positiveNumber('mscale_all_dim'));
  return {
    type: 'yarn',
    factor,
    attentionFactor: scaling.positiveNumber('attention_factor', inferred),
    betaFast: scaling.positiveNumber('beta_fast', 32),
    betaSlow: scaling.positiveNumber('beta_slow', 1),
    originalMaxPositionEmbeddings: originalContext,
    truncate: scaling.boolean('truncate', true),
  };
}
