import type { Command } from 'commander';
import { checkScorers, type CheckResult } from '../conformance/run-checks.ts';
import { addReachOptions, scorerRefOf, settingOption, type ScorerOptions } from '../scorer-options.ts';

interface CheckOptions extends Omit<ScorerOptions, 'scorer' | 'address'> {
  readonly scorer: readonly string[];
  readonly json: boolean;
}

const DEFAULT_TIMEOUT_MS = 10_000;

function textOf({ scorer, check, rule, passed, problem }: CheckResult): string {
  const name = scorer === '' ? check : `${scorer}: ${check}`;
  return passed ? `ok    ${name}` : `FAIL  ${name}: ${problem}\n      the rule: ${rule}`;
}

async function check(address: string, options: CheckOptions): Promise<void> {
  const { config, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { tls } = scorerRefOf({ ...options, scorer: 'any', address });
  const counts = { passed: 0, failed: 0 };
  for await (const result of checkScorers({ address, tls, config, timeoutMs }, options.scorer)) {
    counts[result.passed ? 'passed' : 'failed'] += 1;
    process.stdout.write(`${options.json ? JSON.stringify(result) : textOf(result)}\n`);
  }
  process.stderr.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
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
