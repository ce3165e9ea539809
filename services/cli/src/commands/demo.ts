import type { Command } from 'commander';
import { createDemoRun, DEMO_CONCLUSION, DEMO_INTRODUCTION } from '../demo/demo.ts';
import { followRun, reportRun } from '../follow.ts';
import { withPlatform } from '../platform.ts';
import { homeOf, integer, outputOf, seedOption } from './common.ts';

/** `hone demo`: the whole loop on the embedded task. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('make a small model reason better, from nothing, in a few minutes')
    .addOption(seedOption('seed of everything that is drawn', 1n))
    .option('--iterations <number>', 'iterations of the loop', integer(1), 3)
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (options: { seed: bigint; iterations: number; json: boolean }, command: Command) => {
      const home = homeOf(command);
      const output = outputOf(options);
      output.paragraphs(DEMO_INTRODUCTION);
      const onStart = (): void => output.line('starting the services …');
      await withPlatform({ home, onStart }, async (clients) => {
        const { name } = await createDemoRun(clients, options);
        output.line(`${name}, seed ${options.seed}`);
        const run = await followRun(clients, name, output, { interrupt: 'cancel' });
        reportRun(run, output, home.storeName, DEMO_CONCLUSION);
      });
    });
}
