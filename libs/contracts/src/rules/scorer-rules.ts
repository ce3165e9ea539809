/** Rules of a reference to one or several scorers. */
import { CombinationRule, type ScorerCombination, type ScorerRef } from '../generated/hone/types/v1/verdict.ts';
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
  const { address, timeoutMs, weight, tls } = ref;
  violations.require(
    address === '' || /^(?:dns:|ipv4:|ipv6:)?\S+:\d{1,5}$/.test(address),
    `${path}.address`,
    'must be host:port',
    `"${address}"`,
  );
  violations.require(timeoutMs >= 0, `${path}.timeout_ms`, 'must be at least 0', timeoutMs);
  const isWeight = weight >= 0 && weight < Infinity;
  violations.require(isWeight, `${path}.weight`, 'must be above 0 (0 is read as 1)', weight);
  if (!tls) return;
  violations.require(address !== '', `${path}.tls`, 'may be set with an address only');
  const both = (tls.clientCertificateFile === '') === (tls.clientKeyFile === '');
  violations.require(both, `${path}.tls`, 'client_certificate_file and client_key_file must be set together');
}

function checkCombination({ rule, scorers, threshold }: ScorerCombination, path: string, violations: Violations): void {
  const known = rule !== CombinationRule.UNSPECIFIED && Object.values(CombinationRule).includes(rule);
  violations.require(known, `${path}.rule`, 'must be one of all, any, weighted_mean, first_scored');
  violations.require(scorers.length >= 2, `${path}.scorers`, 'must be at least 2', scorers.length);
  for (const [index, scorer] of scorers.entries()) {
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
