/** The families of models that Hone knows. */
import { unimplemented } from '@hone/errors';
import { shown } from '../config/config-fields.ts';
import type { ModelFamily } from './family.ts';
import { gemma3 } from './gemma3.ts';
import { gpt2 } from './gpt2.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { olmo2 } from './olmo2.ts';
import { olmo3 } from './olmo3.ts';
import { phi3 } from './phi3.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

/** One line a family. */
export const FAMILIES: readonly ModelFamily[] = [llama, mistral, qwen2, qwen3, olmo2, olmo3, phi3, gemma3, gpt2];

/** The family of a `model_type`. One that is not known is refused: to compute another family's numbers would be no model at all. */
export function familyByModelType(modelType: string, file = 'config.json'): ModelFamily {
  const found = FAMILIES.find((family) => family.modelType === modelType);
  if (found) return found;
  const known = FAMILIES.map((family) => `"${family.modelType}"`);
  throw unimplemented(
    `${file}: model_type is ${shown(modelType)}, but only ${known.slice(0, -1).join(', ')} and ${known.at(-1)} are supported`,
  );
}

export const familyOf = ({ architecture }: { readonly architecture: string }): ModelFamily =>
  familyByModelType(architecture);
