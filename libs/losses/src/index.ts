/** Losses on preference pairs, labelled completions and completions with advantages: each a file of its own under losses/, listed in the registry, and their settings as keys of a run file. */
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
  type PerToken,
  type Side,
  type TokenCounts,
  type Tokens,
} from './loss.ts';
export { ADVANTAGE_LOSSES, findLoss, LOSSES, lossNames, PREFERENCE_LOSSES } from './registry.ts';
