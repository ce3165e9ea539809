/** Presets of recipes that iterate on a model's own samples. */
import type { Preset } from '../preset.ts';
import {
  arithmeticPreset,
  ARITHMETIC_ADVANTAGE_TRAINING,
  ARITHMETIC_PAIRS,
  ARITHMETIC_PAIR_TRAINING,
  ARITHMETIC_SAMPLE_TRAINING,
  ARITHMETIC_SAMPLES,
} from './arithmetic.ts';
import { pairedAs, paperPresets, preferenceTrainedAs, sampledAs, scheduledAs, trainedAs } from './paper.ts';

/** Of those that train on pairs, with this weight of the NLL in the paper's. */
export const pairPresets = (recipe: string, nllAlpha: 0 | 1): Preset[] => [
  ...paperPresets(recipe, (task) => ({
    iterations: task.iterations,
    ...sampledAs(task),
    ...pairedAs(task),
    ...scheduledAs(task),
    training: preferenceTrainedAs(task, nllAlpha),
  })),
  arithmeticPreset({ iterations: 4, ...ARITHMETIC_SAMPLES, ...ARITHMETIC_PAIRS, training: ARITHMETIC_PAIR_TRAINING }),
];

/** Of those that train on all samples, each with its advantage. */
export const advantagePresets = (recipe: string): Preset[] => [
  ...paperPresets(recipe, (task) => ({
    iterations: task.iterations,
    ...sampledAs(task),
    training: trainedAs(task),
  })),
  arithmeticPreset({ iterations: 4, ...ARITHMETIC_SAMPLES, training: ARITHMETIC_ADVANTAGE_TRAINING }),
];

/** Of those that train on right samples. */
export const samplePresets = (recipe: string): Preset[] => [
  ...paperPresets(recipe, (task) => ({
    iterations: task.iterations,
    ...sampledAs(task),
    training: trainedAs(task),
  })),
  arithmeticPreset({ iterations: 4, ...ARITHMETIC_SAMPLES, training: ARITHMETIC_SAMPLE_TRAINING }),
];
