/** Losses on preference pairs and on labelled completions: each a file of its own under losses/, listed in the registry, and their settings as keys of a run file. */
export { chooseLoss, type ChosenLoss } from './chosen-loss.ts';
export { brokenSettings, flatSettings, ownSettings, withDefaults } from './flat-settings.ts';
export {
  defineLoss,
  type Completions,
  type Loss,
  type Needs,
  type Ops,
  type Pairs,
  type PerCompletion,
  type PerPair,
  type Side,
} from './loss.ts';
export { findLoss, LOSSES, lossNames } from './registry.ts';
