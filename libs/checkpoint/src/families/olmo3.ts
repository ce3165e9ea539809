import { unimplemented } from '@hone/errors';
import { slidingWindow } from '../config/layer-attention.ts';
import { parseRopeByLayerType } from '../config/rope.ts';
import { llamaLike } from '../family/llama-like.ts';
import { OLMO } from '../family/olmo.ts';

const KEY = 'olmo2.attention';

/** Of layers with a window, as Transformers has it whatever `rope_theta` says. */
const THETA = 500_000;

function requireUsualTheta(theta: number | null, file: string): object {
  if (theta === null || theta === THETA) return {};
  throw unimplemented(`${file}: olmo2.rope.freq_base_swa is ${theta}, but only ${THETA} is supported`);
}

/** OLMo 3: OLMo 2, but three layers of four have a window, whose rotary embedding is never scaled. */
export const olmo3 = llamaLike({
  ...OLMO,
  modelType: 'olmo3',
  className: 'Olmo3ForCausalLM',
  windows: (fields) => ({ window: slidingWindow(fields, 4096), isSliding: (layer) => (layer + 1) % 4 !== 0 }),
  // As in Transformers, `rope_theta` is of layers without a window.
  rope: (fields, context) =>
    parseRopeByLayerType(fields, context, {
      full: { key: 'rope_theta', whenMissing: THETA },
      sliding: { key: null, whenMissing: THETA },
    }),
  // llama.cpp knows it as OLMo 2 with windows.
  gguf: {
    architecture: 'olmo2',
    holds: ({ metadata }) => metadata.has(`${KEY}.sliding_window`),
    settings: ({ metadata, file }) => ({
      ...requireUsualTheta(metadata.optionalNumber('olmo2.rope.freq_base_swa'), file),
      sliding_window: metadata.number(`${KEY}.sliding_window`),
      layer_types: metadata
        .optionalFlags(`${KEY}.sliding_window_pattern`)
        ?.map((isSliding) => (isSliding ? 'sliding_attention' : 'full_attention')),
    }),
  },
});
