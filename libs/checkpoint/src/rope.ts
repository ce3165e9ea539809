import type { ConfigFields } from './config-fields.ts';

/** How rotary frequencies are stretched past the context that the model was first trained on. */
export type RopeScaling =
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositionEmbeddings: number;
    };

/** Rotary embedding settings, as every architecture states them. */
export interface Rope {
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling | null;
}

/**
 * Published checkpoints have `rope_theta` beside `rope_scaling`; Transformers 5 writes both inside `rope_parameters`.
 */
export function parseRope(config: ConfigFields, maxPositionEmbeddings: number): Rope {
  const parameters = config.nested('rope_parameters');
  const scaling = parameters ?? config.nested('rope_scaling');
  const theta = parameters?.has('rope_theta') ? parameters : config;
  return {
    ropeTheta: theta.positiveNumber('rope_theta', 10000),
    ropeScaling: scaling ? parseScaling(scaling, maxPositionEmbeddings) : null,
  };
}

function parseScaling(scaling: ConfigFields, maxPositionEmbeddings: number): RopeScaling | null {
  // 'type' is the older name of the field; configs of Llama 3.1 carry both.
  const field = scaling.has('rope_type') ? 'rope_type' : 'type';
  switch (scaling.string(field, 'default')) {
    case 'default':
      return null;
    case 'linear':
      return { type: 'linear', factor: scaling.positiveNumber('factor') };
    case 'llama3':
      return {
        type: 'llama3',
        factor: scaling.positiveNumber('factor'),
        lowFreqFactor: scaling.positiveNumber('low_freq_factor'),
        highFreqFactor: scaling.positiveNumber('high_freq_factor'),
        originalMaxPositionEmbeddings: scaling.positiveInteger(
          'original_max_position_embeddings',
          maxPositionEmbeddings,
        ),
      };
    default:
      throw scaling.unsupported(field, '"default", "linear" and "llama3" are');
  }
}
