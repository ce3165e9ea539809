import type { CheckRuleRequest, CheckRuleResponse, RuleRef, RuleReport } from '@hone/contracts';
import { badRule } from '@hone/datasets';
import { HoneError } from '@hone/errors';
import type { CallContext, Reach } from '@hone/rpc';
import { openRule, type OpenRule } from './open-rule.ts';

const AWAY = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED'];

/** The RPC that says whether a rule is there, and takes its settings. */
export function checkRuleWith(reach: Reach) {
  return async ({ rule: ref }: CheckRuleRequest, { signal }: CallContext): Promise<CheckRuleResponse> => {
    try {
      const opened = await openRule(ref, reach, signal);
      try {
        const { settings } = await emptyReport(opened, signal);
        return { rule: opened.rule, settings: settings ?? {} };
      } finally {
        opened.close();
      }
    } catch (thrown) {
      const isAway = thrown instanceof HoneError && AWAY.includes(thrown.code) && !signal.aborted;
      throw isAway ? unreachable(ref!, thrown) : thrown;
    }
  };
}

/** What the rule says where there is no problem. */
async function emptyReport({ rule, apply }: OpenRule, signal: AbortSignal): Promise<RuleReport> {
  async function* none() {}
  for await (const { message } of apply(none(), 0n, signal)) if (message?.$case === 'report') return message.value;
  throw badRule(rule.name, 'ends without a report');
}

function unreachable({ address }: RuleRef, cause: HoneError): HoneError {
  const description = `must be a server of rules that answers within 5 seconds, but ${cause.message}`;
  return new HoneError({
    code: 'FAILED_PRECONDITION',
    reason: 'RULE_UNREACHABLE',
    message: `rule.address: ${description}`,
    violations: [{ field: 'rule.address', description }],
    metadata: { address },
    cause,
  });
}
