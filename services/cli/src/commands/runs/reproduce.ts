import { CreateRunRequest, GetRunRequest, type Run } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { type Output, table } from '@hone/terminal';
import type { Command } from 'commander';
import { followRun } from '../../run/follow.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { compareRuns } from '../../run/reproduction.ts';
import { homeOf, outputOf, resourceName } from '../common.ts';

/** Creates the run once more. It publishes nothing, and may use what it needs: neither decides what it makes. */
function repeat({ orchestrator }: Clients, { spec }: Run): Promise<Run> {
  const request = CreateRunRequest.fromPartial({ spec: { ...spec!, model: '', budget: undefined } });
  return callUnary(orchestrator, 'createRun', request);
}

/** Says whether both made the same; gives whether they did. */
function report(first: Run, second: Run, output: Output): boolean {
  const compared = compareRuns(first, second);
  const identical = compared.every((one) => one.identical);
  const versions = { first: first.codeVersion, second: second.codeVersion };
  const document = { first: first.name, second: second.name, identical, code_versions: versions, compared };
  output.result(document, () => {
    const rows = compared.map(({ iteration, what, identical: same }) => [String(iteration), what, same ? 'yes' : 'NO']);
    const verdict = identical
      ? `${second.name} is identical to ${first.name}.`
      : `${second.name} differs from ${first.name}, made by Hone ${first.codeVersion}; this is ${second.codeVersion}.`;
    return `${table(['iteration', 'made', 'identical'], rows)}\n${verdict}`;
  });
  return identical;
}

/** `hone runs reproduce`. */
export function addReproduceCommand(runs: Command): void {
  runs
    .command('reproduce <run>')
    .description('run the same spec again, and say whether samples, pairs, checkpoints and evaluations are identical')
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (text: string, options: { json: boolean }, command: Command) => {
      const home = homeOf(command);
      const output = outputOf(options);
      await withPlatform(
        { home, whole: true, onStart: () => output.line('starting the services …') },
        async (clients) => {
          const request = GetRunRequest.fromPartial({ name: resourceName('runs', text) });
          const first = await callUnary(clients.orchestrator, 'getRun', request);
          const { name } = await repeat(clients, first);
          output.line(`${name} repeats ${first.name}`);
          const second = await followRun(clients, name, output, { interrupt: 'cancel' });
          if (!report(first, second, output)) process.exitCode = 1;
        },
      );
    });
}
