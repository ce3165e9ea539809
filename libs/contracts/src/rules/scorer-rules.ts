/** Rules of a reference to one or several scorers. */
import { excerpt } from '@hone/errors';
import { CombinationRule, type ScorerCombination, type ScorerRef } from '../generated/hone/types/v1/verdict.ts';
import { LIMITS } from '@hone/limits';
import { checkServerAddress } from './server-rules.ts';
import type { Violations } from './violations.ts';

/** Notes every rule that the reference at `path` breaks. */
export function checkScorerRef(ref: ScorerRef | undefined, path: string, violations: Violations): void {
  if (ref?.combination) {
    const alone = ref.name === '' && ref.address === '' && Object.keys(ref.config).length === 0;
    violations.require(alone, path, 'must have no name, address or config beside its combination');
    checkCombination(ref.combination, `${path}.combination`, violations);
  } else checkSingle(ref, path, violations);
}

function checkSingle(ref: ScorerRef | undefined, path: string, violations: Violations): void {
  const named = ref !== undefined && ref.name !== '';
  violations.require(named, `${path}.name`, 'must be the name of a scorer, for example "gsm8k"');
  if (!ref) return;
  const { name, timeoutMs, weight, config } = ref;
  violations.atMost(name, LIMITS.nameChars, `${path}.name`);
  violations.within(timeoutMs, 0, LIMITS.deadlineSeconds * 1000, `${path}.timeout_ms`);
  violations.within(weight, 0, LIMITS.scorerWeight, `${path}.weight`, '0 is read as 1');
  checkSettings(config, `${path}.config`, violations);
  checkServerAddress(ref, path, violations);
}

/** Checks the number and lengths of a scorer's settings; what they mean is the scorer's matter. */
export function checkSettings(config: Readonly<Record<string, string>>, path: string, violations: Violations): void {
  const settings = Object.entries(config);
  const few = settings.length <= LIMITS.scorerSettings;
  violations.require(few, path, `must be at most ${LIMITS.scorerSettings} settings`, settings.length);
  for (const [name, value] of settings.slice(0, LIMITS.scorerSettings)) {
    violations.atMost(name, LIMITS.nameChars, path);
    violations.atMost(value, LIMITS.scorerSettingChars, `${path}.${excerpt(name, 80)}`);
  }
}

function checkCombination({ rule, scorers, threshold }: ScorerCombination, path: string, violations: Violations): void {
  const known = rule !== CombinationRule.UNSPECIFIED && Object.values(CombinationRule).includes(rule);
  violations.require(known, `${path}.rule`, 'must be one of all, any, weighted_mean, first_scored');
  violations.require(scorers.length >= 2, `${path}.scorers`, 'must be at least 2', scorers.length);
  const few = scorers.length <= LIMITS.scorersOfCombination;
  violations.require(few, `${path}.scorers`, `must be at most ${LIMITS.scorersOfCombination}`, scorers.length);
  for (const [index, scorer] of scorers.slice(0, LIMITS.scorersOfCombination).entries()) {
    const field = `${path}.scorers[${index}]`;
    violations.require(
      scorer.combination === undefined,
      `${field}.combination`,
      'must not be set within a combination',
    );
    if (!scorer.combination) checkSingle(scorer, field, violations);
  }
  const isMean = rule === CombinationRule.WEIGHTED_MEAN;
  const inRange = isMean ? threshold > 0 && threshold <= 1 : threshold === 0;
  const range = isMean ? 'must be above 0 and at most 1' : 'may be set for the weighted mean only';
  violations.require(inRange, `${path}.threshold`, range, threshold);
}
