import { checkRules, listRules } from '@hone/conformance';
import type { Rule } from '@hone/contracts';
import { notFound } from '@hone/errors';
import type { Command } from 'commander';
import type { Home } from '../../platform/home.ts';
import { withOwnService } from '../../platform/own-service.ts';
import { ruleDocument, ruleTable, ruleText } from '../../reports/rule-lines.ts';
import { addReachOptions, scorerRefOf, type ScorerOptions } from '../../scoring/scorer-options.ts';
import { CHECK_TIMEOUT_MS, showChecks } from './check-server.ts';
import { homeOf, outputOf } from '../common.ts';
import { ruleSettingOption } from '../rule-settings.ts';

const LIST_TIMEOUT_MS = 10_000;

/** The rules of the home's pair-builder. */
const rulesOf = (home: Home): Promise<Rule[]> =>
  withOwnService(home, 'pair-builder', (address) => listRules({ address, timeoutMs: LIST_TIMEOUT_MS }));

async function list(options: { json: boolean }, command: Command): Promise<void> {
  const rules = await rulesOf(homeOf(command));
  outputOf(options).result(rules.map(ruleDocument), () => ruleTable(rules));
}

async function show(name: string, options: { json: boolean }, command: Command): Promise<void> {
  const rules = await rulesOf(homeOf(command));
  const rule = rules.find((known) => known.name === name);
  if (!rule) throw notFound(`rule ${name}`, `there are ${rules.map((known) => known.name).join(', ')}`);
  outputOf(options).result(ruleDocument(rule), () => ruleText(rule), { keepLines: true });
}

interface CheckOptions extends Pick<ScorerOptions, 'timeoutMs' | 'tls' | 'tlsRoot' | 'tlsServerName'> {
  readonly rule: readonly string[];
  readonly set: Readonly<Record<string, unknown>>;
  readonly json: boolean;
}

async function check(address: string, options: CheckOptions): Promise<void> {
  const { timeoutMs = CHECK_TIMEOUT_MS, set: settings } = options;
  const { tls } = scorerRefOf({ ...options, scorer: 'any', address });
  await showChecks(checkRules({ address, tls, settings, timeoutMs }, options.rule), options.json);
}

/** `hone rules list|show`: what there is; `hone rule check`: whether anybody's server keeps the contract of dataset rules. */
export function addRuleCommands(program: Command): void {
  const rules = program.command('rules').description('dataset rules: how samples become pairs or examples');
  rules
    .command('list')
    .description('the rules that there are')
    .option('--json', 'one JSON document', false)
    .action(list);
  rules
    .command('show <name>')
    .description('what a rule does, where it comes from, and its settings')
    .option('--json', 'one JSON document, with the JSON schema of the settings', false)
    .action(show);
  const own = program.command('rule').description('dataset rules of your own');
  const command = own
    .command('check <address>')
    .description('whether the server at host:port keeps the contract of dataset rules; exit code 1 where it does not')
    .option('--rule <name...>', 'of its rules only these; default: all', [])
    .addOption(ruleSettingOption('a setting that every call has; may be given several times'));
  addReachOptions(command).option('--json', 'a JSON object a check', false).action(check);
}
