/** The families of models that Hone knows. */
import { unimplemented } from '@hone/errors';
import { shown } from '../config/config-fields.ts';
import type { GgufFile } from '../gguf/gguf-file.ts';
import * as found from '../generated/families.ts';
import type { GgufMap, ModelFamily } from './family.ts';

/** Every file in families/, by model_type. */
export const FAMILIES: readonly ModelFamily[] = Object.values<ModelFamily>(found).sort((left, right) =>
  left.modelType.localeCompare(right.modelType),
);

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

/** A family whose models can be read from GGUF. */
export type GgufFamily = ModelFamily & { readonly gguf: GgufMap };

const inGguf = FAMILIES.filter((family): family is GgufFamily => family.gguf !== null);

/** GGUF's names of the architectures that can be read. */
export const ggufArchitectures = (): string[] => [...new Set(inGguf.map(({ gguf }) => gguf.architecture))].sort();

/**
 * The family of a GGUF file of this architecture: one that claims the file, else the one of that name, else the first. Undefined where
 * none is read.
 */
export function familyInGguf(architecture: string, source: GgufFile): GgufFamily | undefined {
  const sharing = inGguf.filter(({ gguf }) => gguf.architecture === architecture);
  const open = sharing.filter(({ gguf }) => gguf.holds === undefined);
  return (
    sharing.find(({ gguf }) => gguf.holds?.(source)) ??
    open.find(({ modelType }) => modelType === architecture) ??
    open[0]
  );
}
