/** The dataset rule of a run's spec in the terms of the pair-builder, which alone knows what rules there are and what they take. */
import {
  CheckRuleRequest,
  messageOf,
  RuleOutput,
  RuleRef,
  UnscorablePolicy,
  type PairBuilderServiceClient,
  type PairConfig,
  type Violations,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary } from '@hone/rpc';

/** The rule; settings that the spec leaves open are not named. */
export function ruleRefOf({ rule, pairsPerProblem, unscorable, truncatedLose }: PairConfig): RuleRef {
  const settings = {
    per_problem: pairsPerProblem,
    ...(unscorable !== UnscorablePolicy.UNSPECIFIED && {
      unscorable: unscorable === UnscorablePolicy.DROP ? 'drop' : 'loser',
    }),
    ...(truncatedLose && { truncated_lose: true }),
  };
  return messageOf(RuleRef, { name: rule === '' ? 'cycle' : rule, settings });
}

const TIMEOUT_MS = 10_000;

/** Notes everything that the pair-builder finds wrong with the rule of a spec. */
export async function noteRule(
  pairBuilder: PairBuilderServiceClient,
  pairs: PairConfig,
  violations: Violations,
): Promise<void> {
  const request = messageOf(CheckRuleRequest, { rule: ruleRefOf(pairs) });
  try {
    const { rule } = await callUnary(pairBuilder, 'checkRule', request, { timeoutMs: TIMEOUT_MS });
    const makesPairs = rule?.produces === RuleOutput.PAIRS;
    violations.require(makesPairs, 'spec.pairs.rule', 'must be a rule that makes pairs', `"${pairs.rule}"`);
  } catch (thrown) {
    if (!(thrown instanceof HoneError)) throw thrown;
    // What is wrong with the spec itself is told, also while the pair-builder is away.
    if (thrown.code !== 'INVALID_ARGUMENT') violations.throwIfAny();
    if (thrown.violations.length === 0) throw thrown;
    for (const { field, description } of thrown.violations) violations.require(false, specField(field), description);
  }
}

/** "rule.settings.per_problem" -> "spec.pairs.pairs_per_problem". */
function specField(field: string): string {
  const name = field.replace('rule.settings.', '').replace('rule.name', 'rule');
  return `spec.pairs.${name === 'per_problem' ? 'pairs_per_problem' : name}`;
}
