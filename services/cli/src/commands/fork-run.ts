import { CreateRunRequest, GetCheckpointRequest, GetRunRequest, type Run } from '@hone/contracts';
import { notFound } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { checkpointName } from '../checkpoint-reference.ts';
import { followRun, reportRun } from '../follow.ts';
import { withPlatform, type Clients } from '../platform.ts';
import { changedSpec } from '../run-spec-file.ts';
import { setOption, type Setting } from '../settings.ts';
import { homeOf, integer, outputOf, resourceName } from './common.ts';

interface ForkOptions {
  readonly from?: string;
  readonly iteration?: number;
  readonly name?: string;
  readonly set: readonly Setting[];
  readonly json: boolean;
}

/** The checkpoint from which the new run starts. */
async function startOf({ orchestrator }: Clients, run: Run, { from, iteration }: ForkOptions): Promise<string> {
  if (from !== undefined) {
    const request = GetCheckpointRequest.fromPartial({ name: checkpointName(from) });
    return (await callUnary(orchestrator, 'getCheckpoint', request)).name;
  }
  const found = run.iterations.find(({ index }) => index === iteration)?.checkpoint;
  if (found) return found;
  throw notFound(`iteration ${iteration} of ${run.name}`, 'hone runs show tells which iterations made a checkpoint');
}

/** `hone runs fork`. */
export function addFork(runs: Command): void {
  runs
    .command('fork <run>')
    .description('a new run with the spec of another, from any checkpoint; Ctrl-C stops it')
    .option('--from <checkpoint>', 'start from this checkpoint')
    .option('--iteration <number>', 'start from the checkpoint of this iteration of the run', integer(0))
    .option('--name <text>', 'a name for people')
    .addOption(setOption())
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (text: string, options: ForkOptions, command: Command) => {
      if ((options.from === undefined) === (options.iteration === undefined))
        command.error('error: exactly one of --from and --iteration must be given');
      const home = homeOf(command);
      const output = outputOf(options);
      await withPlatform({ home, onStart: () => output.line('starting the services …') }, async (clients) => {
        const request = GetRunRequest.fromPartial({ name: resourceName('runs', text) });
        const run = await callUnary(clients.orchestrator, 'getRun', request);
        const baseCheckpoint = await startOf(clients, run, options);
        const displayName = options.name ?? `fork of ${run.spec!.displayName || run.name}`;
        // The checkpoint is as warm as it is wanted.
        const spec = changedSpec({ ...run.spec!, baseCheckpoint, displayName, warmUp: [] }, options.set);
        const { name } = await callUnary(clients.orchestrator, 'createRun', CreateRunRequest.fromPartial({ spec }));
        output.line(`${name} starts from ${baseCheckpoint}`);
        reportRun(await followRun(clients, name, output, { interrupt: 'cancel' }), output, home.storeName);
      });
    });
}
