/** A rule wherever it is served: here, or by somebody's server. */
import {
  ApplyRuleRequest,
  checkServerAddress,
  ListRulesRequest,
  messageOf,
  RuleOutput,
  RuleServiceClient,
  Violations,
  type ApplyRuleResponse,
  type Rule,
  type RuleRef,
} from '@hone/contracts';
import { badRule } from '@hone/datasets';
import { HoneError, invalidArgument, invalidArguments } from '@hone/errors';
import { LIMITS } from '@hone/limits';
import { callBidi, callUnary, connect, noteUnreachable, type Reach } from '@hone/rpc';
import { RULES } from '@hone/rules';
import { applyRule } from './apply-rule.ts';
import { ruleMessage } from './convert.ts';

/** A rule that is there. */
export interface OpenRule {
  readonly rule: Rule;
  /** Whether it is this service's own, whose answers need no check. */
  readonly isOwn: boolean;
  /** Applies the rule with these settings; the requests are problems. */
  apply(
    problems: AsyncIterable<ApplyRuleRequest>,
    seed: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<ApplyRuleResponse>;
  close(): void;
}

/** A server that takes longer to say what it has is as good as away. */
const LIST_TIMEOUT_MS = 5_000;
const MOST_PAGES = 100;

/** Finds the rule that a request names in its field `rule`. Close it when done. */
export async function openRule(ref: RuleRef | undefined, reach: Reach, signal: AbortSignal): Promise<OpenRule> {
  const violations = new Violations();
  violations.require(ref !== undefined && ref.name !== '', 'rule.name', 'must be the name of a rule, such as "cycle"');
  if (ref) {
    violations.atMost(ref.name, LIMITS.nameChars, 'rule.name');
    checkServerAddress(ref, 'rule', violations);
  }
  violations.throwIfAny();
  noteUnreachable(ref!, 'rule', { reach, kind: 'a server of rules', flag: 'allow-rules' }, violations);
  violations.throwIfAny();
  return ref!.address === '' ? openOwn(ref!) : openForeign(ref!, reach, signal);
}

function openOwn(ref: RuleRef): OpenRule {
  const rule = requireListed(ref, RULES.map(ruleMessage));
  return {
    rule,
    isOwn: true,
    apply: (problems, seed) => inTermsOfRef(applyRule(withConfig(ref, seed, problems))),
    close: () => undefined,
  };
}

async function openForeign(ref: RuleRef, reach: Reach, signal: AbortSignal): Promise<OpenRule> {
  const client = connect(RuleServiceClient, ref.address, ref.tls, reach.certificates);
  try {
    const rule = requireListed(ref, await listOf(client, signal));
    return {
      rule,
      isOwn: false,
      apply: (problems, seed, ending) =>
        inTermsOfRef(callBidi(client, 'applyRule', withConfig(ref, seed, problems), { signal: ending })),
      close: () => client.close(),
    };
  } catch (thrown) {
    client.close();
    throw thrown;
  }
}

async function listOf(client: RuleServiceClient, signal: AbortSignal): Promise<Rule[]> {
  const rules: Rule[] = [];
  let pageToken = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const request = ListRulesRequest.fromPartial({ pageToken });
    const listed = await callUnary(client, 'listRules', request, { signal, timeoutMs: LIST_TIMEOUT_MS });
    rules.push(...listed.rules);
    pageToken = listed.nextPageToken;
    if (pageToken === '') break;
  }
  return rules;
}

function requireListed({ name, address }: RuleRef, rules: readonly Rule[]): Rule {
  const found = rules.find((rule) => rule.name === name);
  if (!found) {
    const where = address === '' ? '' : ` of ${address}`;
    const names = rules.map((rule) => rule.name).join(', ');
    throw invalidArgument('rule.name', `must be one of the rules${where}: ${names}, but is "${name}"`);
  }
  if (found.version < 1 || found.produces === RuleOutput.UNSPECIFIED)
    throw badRule(found.name, 'does not list its version, or whether it makes pairs or examples');
  return found;
}

async function* withConfig(
  { name: rule, settings }: RuleRef,
  seed: bigint,
  problems: AsyncIterable<ApplyRuleRequest>,
): AsyncGenerator<ApplyRuleRequest> {
  yield messageOf(ApplyRuleRequest, { message: { $case: 'config', value: { rule, settings, seed } } });
  yield* problems;
}

/** The answers; what the rule says of its config is told in the terms of the request that this service was sent. */
async function* inTermsOfRef(answers: AsyncGenerator<ApplyRuleResponse>): AsyncGenerator<ApplyRuleResponse> {
  try {
    yield* answers;
  } catch (thrown) {
    if (!(thrown instanceof HoneError) || thrown.code !== 'INVALID_ARGUMENT') throw thrown;
    // A server in another language may send a text alone.
    const told =
      thrown.violations.length > 0 ? thrown.violations : [{ field: 'rule.settings', description: thrown.message }];
    throw invalidArguments(told.map(({ field, description }) => ({ field: fieldOfRef(field), description })));
  }
}

const fieldOfRef = (field: string): string =>
  field === 'config.rule' ? 'rule.name' : field.replace(/^config\./, 'rule.');
