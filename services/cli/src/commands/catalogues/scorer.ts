import { checkScorers } from '@hone/conformance';
import type { Command } from 'commander';
import { addReachOptions, scorerRefOf, settingOption, type ScorerOptions } from '../../scoring/scorer-options.ts';
import { CHECK_TIMEOUT_MS, showChecks } from './check-server.ts';

interface CheckOptions extends Omit<ScorerOptions, 'scorer' | 'address'> {
  readonly scorer: readonly string[];
  readonly json: boolean;
}

async function check(address: string, options: CheckOptions): Promise<void> {
  const { config, timeoutMs = CHECK_TIMEOUT_MS } = options;
  const { tls } = scorerRefOf({ ...options, scorer: 'any', address });
  await showChecks(checkScorers({ address, tls, config, timeoutMs }, options.scorer), options.json);
}

/** `hone scorer check`: whether anybody's server keeps the contract of a scorer. */
export function addScorerCommands(program: Command): void {
  const scorer = program.command('scorer').description('scorers of your own');
  const command = scorer
    .command('check <address>')
    .description('whether the server at host:port keeps the contract of a scorer; exit code 1 where it does not')
    .option('--scorer <name...>', 'of its scorers only these; default: all that take no settings', [])
    .addOption(settingOption());
  addReachOptions(command).option('--json', 'a JSON object a check', false).action(check);
}
