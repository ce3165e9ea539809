import type { ConfigFields } from './config-fields.ts';
import { LIMITS } from './config-limits.ts';
import type { Rope } from './rope.ts';

/** Attention of one layer. */
export interface LayerAttention {
  /** How many positions a token sees, its own included; null: all before it. */
  readonly window: number | null;
  /** What scores are multiplied by before their softmax. */
  readonly scale: number;
  /** Rotary embedding of queries and keys; null where positions are learned. */
  readonly rope: Rope | null;
}

/** The windows that layers of the model have, each once; null stands for none. */
export function attentionWindows({ layers }: { readonly layers: readonly LayerAttention[] }): (number | null)[] {
  return [...new Set(layers.map(({ window }) => window))];
}

/** How a family says which of its layers have the window. */
export interface WindowRules {
  /** Window in tokens; null: none. */
  readonly window: number | null;
  /** Whether a layer has the window, where `layer_types` does not say. */
  readonly isSliding: (layer: number) => boolean;
  /** For families whose code in Transformers does not read `layer_types`. */
  readonly ignoresLayerTypes?: boolean;
}

/** Transformers' names of layer types; "attention" is an older one. */
const IS_WINDOWED: Readonly<Record<string, boolean>> = {
  full_attention: false,
  attention: false,
  sliding_attention: true,
};

/** What a layer is by its type. */
export interface LayerType {
  readonly isSliding: boolean;
  readonly window: number | null;
}

/** Each layer's type. `layer_types` decides; without it, the family's rules do. A window that no position reaches beyond is none. */
export function layerTypes(
  fields: ConfigFields,
  { numLayers, context }: { numLayers: number; context: number },
  { window, isSliding, ignoresLayerTypes = false }: WindowRules,
): LayerType[] {
  const written = fields.strings('layer_types');
  const types = ignoresLayerTypes ? null : written;
  if (types && types.length !== numLayers) {
    throw fields.wrong('layer_types', `must name each of the ${numLayers} layers`, types.length);
  }
  const windowed = types
    ? types.map((type) => isWindowed(fields, type))
    : Array.from({ length: numLayers }, (_, layer) => window !== null && isSliding(layer));
  if (windowed.includes(true) && window === null) {
    throw fields.wrong('layer_types', 'names layers with a window, but no sliding_window is set');
  }
  return windowed.map((isSo) => ({ isSliding: isSo, window: isSo && window! < context ? window : null }));
}

function isWindowed(fields: ConfigFields, type: string): boolean {
  if (!Object.hasOwn(IS_WINDOWED, type)) {
    throw fields.unsupported('layer_types', '"full_attention" and "sliding_attention" are');
  }
  return IS_WINDOWED[type]!;
}

/** `sliding_window` in tokens; null: none. */
export function slidingWindow(fields: ConfigFields, whenMissing: number | null): number | null {
  const value = fields.value('sliding_window');
  if (value === null || (value === undefined && whenMissing === null)) return null;
  return fields.size('sliding_window', LIMITS.positions, { whenMissing: whenMissing! });
}
