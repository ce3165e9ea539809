import { RunState } from '@hone/contracts';
import type { Command } from 'commander';
import { beforeAndAfterDocument, beforeAndAfterText } from '../../demo/before-and-after.ts';
import { createDemoRun, DEMO_CONCLUSION, demoChain, demoIntroduction, type DemoOptions } from '../../demo/demo.ts';
import { followRun, reportRun } from '../../run/follow.ts';
import { withPlatform } from '../../platform/platform.ts';
import { homeOf, integer, outputOf, seedOption } from '../common.ts';

/** `hone demo`: the whole loop on the embedded task. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('make a small model reason better, in a minute or two')
    .addOption(seedOption('seed of everything that is drawn', 1n))
    .option('--iterations <number>', 'iterations of the loop', integer(1), 3)
    .option('--from-scratch', 'train M_0 from nothing too, in minutes', false)
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (options: DemoOptions & { json: boolean }, command: Command) => {
      const home = homeOf(command);
      const output = outputOf(options);
      output.paragraphs(demoIntroduction(options.fromScratch));
      const onStart = (): void => output.line('starting the services …');
      await withPlatform({ home, onStart, whole: true }, async (clients) => {
        const { name } = await createDemoRun(clients, options);
        output.line(`${name}, seed ${options.seed}`);
        const run = await followRun(clients, name, output, { interrupt: 'cancel' });
        const shown = run.state === RunState.SUCCEEDED ? await demoChain(clients, run, options) : undefined;
        const conclusion = [...(shown ? [beforeAndAfterText(shown)] : []), DEMO_CONCLUSION].join('\n\n');
        const document = shown ? { before_and_after: beforeAndAfterDocument(shown) } : {};
        reportRun(run, output, home.storeName, { conclusion, document });
      });
    });
}
