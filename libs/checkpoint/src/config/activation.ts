import type { ConfigFields } from './config-fields.ts';

/** The feed-forward's nonlinearity; `gelu-tanh` is GELU by its tanh approximation. */
export type Activation = 'silu' | 'gelu' | 'gelu-tanh' | 'quick-gelu' | 'relu';

/** Transformers' names, several of which mean the same function. */
const NAMES: Readonly<Record<string, Activation>> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu_python_tanh: 'gelu-tanh',
  quick_gelu: 'quick-gelu',
  relu: 'relu',
};

/** The activation that a field names. */
export function parseActivation(fields: ConfigFields, name: string, whenMissing: string): Activation {
  const found = fields.string(name, whenMissing);
  if (!Object.hasOwn(NAMES, found)) throw fields.unsupported(name, `${Object.keys(NAMES).join(', ')} are`);
  return NAMES[found]!;
}
