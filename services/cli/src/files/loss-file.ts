/** loss.yaml: a preference loss, by the keys that a recipe's training has. */
import { loss, type LossSettings } from '@hone/recipes';
import { readSettings } from '@hone/settings';
import { readYamlFile } from './yaml-file.ts';

/** The loss that a file states. */
export const readLoss = (file: string): LossSettings => readSettings(loss, readYamlFile(file, 'loss file') ?? {}, file);
