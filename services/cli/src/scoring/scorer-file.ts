/** Who judges: the entries of run files as references of the contract, and back. */
import { CombinationRule, tlsFields, tlsKeysOf, type PartialMessage, type ScorerRef } from '@hone/contracts';
import type { ScorerEntry, SingleScorer } from '@hone/recipes';

const RULE_PREFIX = 'COMBINATION_RULE_';
const ruleOfName = (name: string): CombinationRule => `${RULE_PREFIX}${name.toUpperCase()}` as CombinationRule;
const nameOfRule = (rule: CombinationRule): string => rule.replace(RULE_PREFIX, '').toLowerCase();

/** The reference that an entry stands for; the files it names lie where `beside` says. */
export function scorerRef(entry: ScorerEntry, beside: (file: string) => string): PartialMessage<ScorerRef> {
  if (!('rule' in entry)) return singleRef(entry, beside);
  const { rule, threshold = 0, scorers } = entry;
  return {
    combination: { rule: ruleOfName(rule), threshold, scorers: scorers.map((scorer) => singleRef(scorer, beside)) },
  };
}

function singleRef(entry: SingleScorer, beside: (file: string) => string): PartialMessage<ScorerRef> {
  const { name, address, config, timeout_ms: timeoutMs, weight = 0, tls } = entry;
  return {
    ...{ name, address, config, timeoutMs, weight },
    ...(tls && { tls: tlsFields(tls, beside) }),
  };
}

function singleKeys({ name, address, config, tls, timeoutMs, weight }: ScorerRef) {
  return { name, address, config, tls: tls && tlsKeysOf(tls), timeout_ms: timeoutMs, weight: weight || undefined };
}

/** The entry that a reference stands for; keys that are undefined are none. */
export function scorerKeys(scorer: ScorerRef): object {
  const { combination } = scorer;
  if (!combination) return singleKeys(scorer);
  return {
    rule: nameOfRule(combination.rule),
    threshold: combination.threshold || undefined,
    scorers: combination.scorers.map(singleKeys),
  };
}
