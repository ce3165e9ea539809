/** How people name checkpoints: by digest, or by a version or alias of a model. */
import { existsSync } from 'node:fs';

const SHORT = /^([a-z0-9][a-z0-9-]{0,62})@(?:([1-9][0-9]{0,8})|([a-z][a-z0-9-]{0,62}))$/;
const LONG = /^models\/[a-z0-9][a-z0-9-]{0,62}(?:@[a-z][a-z0-9-]{0,62}|\/versions\/[1-9][0-9]{0,8})$/;

/** "math@best" -> "models/math@best", "math@3" -> "models/math/versions/3"; undefined for what is no version of a model. */
function versionReference(text: string): string | undefined {
  if (LONG.test(text)) return text;
  const [, model, version, alias] = SHORT.exec(text) ?? [];
  if (model === undefined) return undefined;
  return version === undefined ? `models/${model}@${alias}` : `models/${model}/versions/${version}`;
}

/** The name of a checkpoint as the orchestrator takes it; a digest may stand alone. */
export function checkpointName(text: string): string {
  return versionReference(text) ?? (text.startsWith('checkpoints/') ? text : `checkpoints/${text}`);
}

/** The version that a text means which may also be a folder of this machine or a model of the hub. Folders go first. */
export function versionBesideModels(text: string): string | undefined {
  return existsSync(text) ? undefined : versionReference(text);
}

/** Whether a text can name a checkpoint at all. */
export const isCheckpointName = (text: string): boolean =>
  versionReference(text) !== undefined || /^(?:checkpoints\/)?[0-9a-f]{8,64}$/.test(text);
