/** `hone`, the command line: a client of the same contracts that other systems call. */
import { Console } from 'node:console';
import { HoneError } from '@hone/errors';
import { Command, CommanderError } from 'commander';
import { addArtifactCommands } from './commands/artifacts.ts';
import { addBenchmarkCommands } from './commands/benchmarks.ts';
import { addCheckpointCommands } from './commands/checkpoints.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEvalCommand } from './commands/eval.ts';
import { addGenerateCommand } from './commands/generate.ts';
import { addLineageCommand } from './commands/lineage.ts';
import { addLogprobsCommand } from './commands/logprobs.ts';
import { addModelCommands } from './commands/models.ts';
import { addRunCommands } from './commands/runs.ts';
import { addScoreCommand } from './commands/score.ts';
import { addScorerCommands } from './commands/scorer.ts';
import { addTrainCommand } from './commands/train.ts';
import { addUpCommand } from './commands/up.ts';
import { interruptCode } from './interrupt.ts';
import { describeError } from './output.ts';
import { wrap } from './render/text.ts';
import { columnsOf, helpWidth } from './render/width.ts';

const program = new Command('hone')
  .description('Makes language models reason better by Iterative Reasoning Preference Optimization.')
  .version(process.env.HONE_VERSION ?? '0.0.0')
  .option('--home <folder>', 'where runs, checkpoints and logs live (HONE_HOME)', process.env['HONE_HOME'] ?? '.hone')
  .option(
    '--server <host:port>',
    'use the deployment of the orchestrator at this address, not services of this machine (HONE_SERVER)',
    process.env['HONE_SERVER'],
  )
  .exitOverride()
  // Inherited by all commands: help and complaints as wide as the terminal, broken between words.
  .configureHelp({ minWidthToWrap: 20 })
  .configureOutput({
    getOutHelpWidth: () => helpWidth(process.stdout),
    getErrHelpWidth: () => helpWidth(process.stderr),
    outputError: (text, write) => write(wrap(text, columnsOf(process.stderr))),
  });

addUpCommand(program);
addDemoCommand(program);
addRunCommands(program);
addCheckpointCommands(program);
addModelCommands(program);
addLineageCommand(program);
addArtifactCommands(program);
addGenerateCommand(program);
addLogprobsCommand(program);
addEvalCommand(program);
addBenchmarkCommands(program);
addTrainCommand(program);
addScoreCommand(program);
addScorerCommands(program);
addDoctorCommand(program);

// Standard output is the command's own: what libraries print goes beside it.
globalThis.console = new Console(process.stderr);

// `| head` closes the pipe early; that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
  process.exit(process.exitCode ?? 0);
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exit(thrown.exitCode === 0 ? 0 : 2);
  const stopped = interruptCode();
  if (stopped === undefined) {
    process.stderr.write(`${wrap(describeError(thrown), columnsOf(process.stderr))}\n`);
    process.exit(1);
  }
  // Who stopped a command is told how to go on with it, and of no error.
  if (thrown instanceof HoneError && thrown.code === 'CANCELLED' && thrown.reason !== 'CANCELLED')
    process.stderr.write(`${wrap(thrown.message, columnsOf(process.stderr))}\n`);
  process.exit(stopped);
}
