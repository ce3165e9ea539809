import { once } from 'node:events';
import { ApplyRuleRequest, messageOf, RuleServiceClient, type RuleReport, type ScorerRef } from '@hone/contracts';
import { KeptRecords, type TrainingRecord } from '@hone/datasets';
import { HoneError, invalidArguments } from '@hone/errors';
import { callBidi, connect } from '@hone/rpc';
import type { Command } from 'commander';
import { judgedLines } from '../../pairs/judged-lines.ts';
import { madeLines, madeText } from '../../pairs/made-lines.ts';
import { withOwnService } from '../../platform/own-service.ts';
import { ruleReportDocument, ruleReportText } from '../../reports/rule-report.ts';
import { addReachOptions, scorerRefOf, type ScorerOptions } from '../../scoring/scorer-options.ts';
import { homeOf, integer, seedOption } from '../common.ts';
import { ruleSettingOption } from '../rule-settings.ts';

interface PairOptions extends Pick<ScorerOptions, 'address' | 'timeoutMs' | 'tls' | 'tlsRoot' | 'tlsServerName'> {
  readonly rule: string;
  readonly input: string;
  readonly seed: bigint;
  readonly set: Readonly<Record<string, unknown>>;
  readonly mostInAll: number;
  readonly json: boolean;
}

/** Applies a rule to the problems of a file, as often as is asked for. */
class RuleOverFile {
  report: RuleReport | undefined;
  private readonly client: RuleServiceClient;
  private readonly options: PairOptions;

  constructor(client: RuleServiceClient, options: PairOptions) {
    this.client = client;
    this.options = options;
  }

  async *records(): AsyncGenerator<TrainingRecord> {
    const { timeoutMs } = this.options;
    try {
      for await (const { message } of callBidi(this.client, 'applyRule', this.requests(), { timeoutMs })) {
        if (message?.$case === 'report') this.report = message.value;
        else if (message) yield message;
      }
    } catch (thrown) {
      throw inTermsOfOptions(thrown);
    }
  }

  private async *requests(): AsyncGenerator<ApplyRuleRequest> {
    const { rule, set: settings, seed, input } = this.options;
    yield messageOf(ApplyRuleRequest, { message: { $case: 'config', value: { rule, settings, seed } } });
    for await (const value of judgedLines(input)) yield { message: { $case: 'problem', value } };
  }
}

/** What the rule says of its config, by the options that state it. */
function inTermsOfOptions(thrown: unknown): unknown {
  if (!(thrown instanceof HoneError) || thrown.code !== 'INVALID_ARGUMENT' || thrown.violations.length === 0)
    return thrown;
  const option = (field: string): string =>
    field === 'config.rule' ? '--rule' : field.replace(/^config\.settings\./, '--set ');
  return invalidArguments(thrown.violations.map(({ field, description }) => ({ field: option(field), description })));
}

/** Writes at the pace of the reader. */
async function write(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

async function build(address: string, { tls }: ScorerRef, options: PairOptions): Promise<void> {
  const client = connect(RuleServiceClient, address, tls);
  try {
    const over = new RuleOverFile(client, options);
    const kept = new KeptRecords(() => over.records(), { most: options.mostInAll, seed: options.seed });
    for await (const record of kept.records())
      for (const line of madeLines(record, options.rule))
        await write(options.json ? JSON.stringify(line) : madeText(line));
    if (!over.report) return;
    const told = kept.reported(over.report);
    await write(options.json ? JSON.stringify({ report: ruleReportDocument(told) }) : ruleReportText(told));
  } finally {
    client.close();
  }
}

/** `hone pairs build`: what a rule makes of judged completions in a file. Only a pair-builder is started, and none with --address. */
export function addPairCommands(program: Command): void {
  const command = program
    .command('pairs')
    .description('pairs and examples of judged completions')
    .command('build')
    .description(
      'what a dataset rule makes of the problems of a file: a line each pair or example, and the report last',
    )
    .requiredOption('--rule <name>', 'the rule; "hone rules list" shows them')
    .requiredOption(
      '--input <file.jsonl>',
      'lines with "completions": "text", "score"; "tokens", "log_prob", "state", "answer", "truncated"; and "id", "prompt", "gold", "solution"',
    )
    .addOption(seedOption('seed of what the rule draws', 0n))
    .addOption(ruleSettingOption('a setting of the rule, the value as JSON; may be given several times'))
    .option('--most-in-all <number>', 'most pairs or examples in all, spread over problems; 0: no limit', integer(0), 0)
    .option('--address <host:port>', "the rule's server; without one the home's own rules");
  addReachOptions(command)
    .option('--json', 'a JSON object a line', false)
    .action(async (options: PairOptions, self: Command) => {
      const ref = scorerRefOf({ ...options, scorer: 'any' });
      if (ref.address !== '') await build(ref.address, ref, options);
      else await withOwnService(homeOf(self), 'pair-builder', (address) => build(address, ref, options));
    });
}
