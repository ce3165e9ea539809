import { RunSpec } from '@hone/contracts';
import { makeProgress, Output } from '@hone/terminal';
import type { Command } from 'commander';
import { createRun } from '../../run/create-run.ts';
import { withPlatform } from '../../platform/platform.ts';
import { addRunFileOptions, runFileOf, type RunFileOptions } from '../../spec/run-file-options.ts';
import { specText } from '../../spec/spec-document.ts';
import { homeOf, outputOf } from '../common.ts';

/** `hone spec`. */
export function addSpecCommand(program: Command): void {
  const spec = program
    .command('spec')
    .description('the whole spec of the run that a YAML file describes, every default filled in; nothing is run');
  addRunFileOptions(spec)
    .option('--json', 'as JSON, by the names of the contract (RunSpec)', false)
    .action(async (options: RunFileOptions & { readonly json: boolean }, command: Command) => {
      const home = homeOf(command);
      const output = outputOf(options);
      const file = await runFileOf(home, options);
      await withPlatform({ home }, async (clients) => {
        // The result alone is what stdout has, in both forms.
        const progress = makeProgress(new Output(true));
        const { spec: effective } = await createRun(clients, file, progress, { validateOnly: true });
        const text = (): string => specText(effective!, (name) => name);
        output.result(RunSpec.toJSON(effective!), text, { keepLines: true });
      });
    });
}
