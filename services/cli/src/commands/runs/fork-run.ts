import { CreateRunRequest, GetCheckpointRequest, GetRunRequest, type Run, type RunSpec } from '@hone/contracts';
import { notFound } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { checkpointName } from '../../models/checkpoint-reference.ts';
import { namedByFileKeys } from '../../spec/file-keys.ts';
import { followRun, reportRun } from '../../run/follow.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { recipesOf } from '../../spec/recipes.ts';
import { setOption, type Setting } from '../../spec/settings.ts';
import { changedSpec } from '../../spec/spec-document.ts';
import { homeOf, integer, outputOf, resourceName } from '../common.ts';

interface ForkOptions {
  readonly from?: string;
  readonly iteration?: number;
  readonly name?: string;
  readonly set: readonly Setting[];
  readonly json: boolean;
}

/** A checkpoint of a run is as warm as it is wanted. */
const withoutWarmUp = (settings: Settings): Settings =>
  settings && 'warm_up' in settings ? { ...settings, warm_up: [] } : settings;
type Settings = RunSpec['settings'];

/** From where the new run starts: a checkpoint, or the whole run again. */
async function startOf(
  { orchestrator }: Clients,
  run: Run,
  { from, iteration }: ForkOptions,
): Promise<Pick<RunSpec, 'baseCheckpoint' | 'settings'>> {
  const { baseCheckpoint, settings } = run.spec!;
  if (from === undefined && iteration === undefined) return { baseCheckpoint, settings };
  if (from !== undefined) {
    const request = GetCheckpointRequest.fromPartial({ name: checkpointName(from) });
    const { name } = await callUnary(orchestrator, 'getCheckpoint', request);
    return { baseCheckpoint: name, settings: withoutWarmUp(settings) };
  }
  const found = run.iterations.find(({ index }) => index === iteration)?.checkpoint;
  if (found) return { baseCheckpoint: found, settings: withoutWarmUp(settings) };
  throw notFound(`iteration ${iteration} of ${run.name}`, 'hone runs show tells which iterations made a checkpoint');
}

/** `hone runs fork`. */
export function addFork(runs: Command): void {
  runs
    .command('fork <run>')
    .description('a new run with the spec of another, from its base or any checkpoint; Ctrl-C stops it')
    .option('--from <checkpoint>', 'start from this checkpoint')
    .option('--iteration <number>', 'start from the checkpoint of this iteration of the run', integer(0))
    .option('--name <text>', 'a name for people')
    .addOption(setOption())
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (text: string, options: ForkOptions, command: Command) => {
      if (options.from !== undefined && options.iteration !== undefined)
        command.error('error: only one of --from and --iteration may be given');
      const home = homeOf(command);
      const output = outputOf(options);
      await withPlatform(
        { home, whole: true, onStart: () => output.line('starting the services …') },
        async (clients) => {
          const request = GetRunRequest.fromPartial({ name: resourceName('runs', text) });
          const run = await callUnary(clients.orchestrator, 'getRun', request);
          const start = await startOf(clients, run, options);
          const displayName = options.name ?? `fork of ${run.spec!.displayName || run.name}`;
          const recipes = await recipesOf(home);
          const spec = changedSpec({ ...run.spec!, ...start, displayName }, options.set, recipes);
          const created = CreateRunRequest.fromPartial({ spec });
          const { name } = await namedByFileKeys(callUnary(clients.orchestrator, 'createRun', created));
          output.line(`${name} starts from ${start.baseCheckpoint}`);
          reportRun(await followRun(clients, name, output, { interrupt: 'cancel' }), output, home.storeName);
        },
      );
    });
}
