/** The options by which commands name a scorer. */
import { checkScorerRef, messageOf, ScorerRef, Violations } from '@hone/contracts';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { integer } from '../commands/common.ts';

export interface ScorerOptions {
  readonly scorer: string;
  readonly address?: string;
  readonly config: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly tls: boolean;
  readonly tlsRoot?: string;
  readonly tlsServerName?: string;
}

function setting(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('must be NAME=VALUE');
  return { ...before, [name]: value };
}

/** `--config`, once for each setting. */
export const settingOption = (): Option =>
  new Option('--config <name=value>', 'a setting of the scorer; may be given several times')
    .argParser(setting)
    .default({}, 'none');

/** Adds what tells how a foreign scorer is reached. */
export function addReachOptions(command: Command): Command {
  return command
    .option('--timeout-ms <number>', 'most milliseconds that a call may take', integer(1))
    .option('--tls', 'reach the server over TLS, with the certificates of the system', false)
    .option('--tls-root <file>', 'PEM file of the certificates to trust; implies --tls')
    .option('--tls-server-name <name>', "the name of the server's certificate; implies --tls");
}

export function addScorerOptions(command: Command): Command {
  command
    .requiredOption(
      '--scorer <name>',
      'gsm8k, math, choice, exact, regex, llm-judge, or one of the server at --address',
    )
    .option('--address <host:port>', "a scorer's server; without one the home's own")
    .addOption(settingOption());
  return addReachOptions(command);
}

/** The scorer that the options mean. */
export function scorerRefOf(options: Partial<ScorerOptions>): ScorerRef {
  const { scorer, address, config, timeoutMs, tls, tlsRoot, tlsServerName } = options;
  const secure = tls || tlsRoot !== undefined || tlsServerName !== undefined;
  const files = { rootCertificateFile: tlsRoot ?? '', serverName: tlsServerName ?? '' };
  const ref = messageOf(ScorerRef, {
    name: scorer ?? '',
    address: address ?? '',
    config: { ...config },
    timeoutMs: timeoutMs ?? 0,
    ...(secure && { tls: files }),
  });
  const violations = new Violations();
  checkScorerRef(ref, 'scorer', violations);
  violations.throwIfAny();
  return ref;
}
