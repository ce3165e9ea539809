/** The dataset rules that a run's settings name. The pair-builder alone knows which there are, and what they take. */
import {
  CheckRuleRequest,
  isHostPort,
  messageOf,
  PairBuilderServiceClient,
  RuleOutput,
  Violations,
  type Rule,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { checkScheduledPairs, ownSettingsOf, rulesIn, type RuleSettings } from '@hone/recipes';
import { callUnary, type ReplicaSet } from '@hone/rpc';

/** The pair-builder itself gives a rule's server five seconds. */
const TIMEOUT_MS = 10_000;
const OUTPUTS = {
  pairs: RuleOutput.PAIRS,
  examples: RuleOutput.EXAMPLES,
  advantages: RuleOutput.ADVANTAGES,
} as const;

/** Settings with those of their rules filled in. Throws with everything that is wrong with a rule. */
export async function checkRules<Settings extends object>(
  pairBuilder: ReplicaSet,
  settings: Settings,
): Promise<Settings> {
  const violations = new Violations();
  const effective = structuredClone(settings);
  for (const { field, settings: rule } of rulesIn(effective))
    Object.assign(rule, await checkRule(pairBuilder, rule, `spec.settings.${field}`, violations));
  violations.throwIfAny();
  for (const { field, description } of checkScheduledPairs(effective))
    violations.require(false, `spec.settings.${field}`, description);
  violations.throwIfAny();
  return effective;
}

/** A rule's settings, with all defaults. */
async function checkRule(
  pairBuilder: ReplicaSet,
  settings: RuleSettings,
  path: string,
  violations: Violations,
): Promise<object> {
  const { rule: name, address } = settings;
  const given = ownSettingsOf(settings);
  const isAddress = address === '' || isHostPort(address);
  violations.require(isAddress, `${path}.address`, 'must be host:port', `"${address}"`);
  if (!isAddress) return given;
  try {
    const request = messageOf(CheckRuleRequest, { rule: { name, address, settings: given } });
    const { rule, settings: effective } = await pairBuilder.call(PairBuilderServiceClient, (client) =>
      callUnary(client, 'checkRule', request, { timeoutMs: TIMEOUT_MS }),
    );
    requireFit(rule!, settings, `${path}.rule`, violations);
    return effective ?? {};
  } catch (thrown) {
    if (!(thrown instanceof HoneError) || thrown.violations.length === 0) throw thrown;
    for (const { field, description } of thrown.violations)
      violations.require(false, fieldOf(path, field), description);
    return given;
  }
}

/** Whether a rule makes what the training needs, of what the recipe has: people are not asked in vain. */
function requireFit(
  { produces, needs }: Rule,
  { rule: name, makes, judged_by: by }: RuleSettings,
  field: string,
  violations: Violations,
): void {
  const require = (holds: boolean, rule: string): void => violations.require(holds, field, rule, `"${name}"`);
  require(produces === OUTPUTS[makes], `must be a rule that makes ${makes}`);
  if (by === 'people') require(!needs?.verdicts, 'must be a rule that needs no verdicts, for people judge here');
  else require(!needs?.comparisons, 'must be a rule that needs nothing of people, who are not asked here');
}

/** "rule.settings.per_problem" -> "spec.settings.pairs.per_problem"; "rule.name" -> "spec.settings.pairs.rule". */
function fieldOf(path: string, field: string): string {
  const own = field.replace(/^rule\.(settings\.)?/, '');
  return `${path}.${own === 'name' && !field.includes('settings') ? 'rule' : own}`;
}
