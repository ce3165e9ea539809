/** `hone`, the command line: a client of the same contracts that other systems call. */
import { Console } from 'node:console';
import { HoneError } from '@hone/errors';
import { columnsOf, interruptCode, wrap } from '@hone/terminal';
import { CommanderError } from 'commander';
import { describeError } from './errors/describe-error.ts';
import { makeProgram } from './program.ts';

// Standard output is the command's own: what libraries print goes beside it.
globalThis.console = new Console(process.stderr);

// `| head` closes the pipe early; that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await makeProgram().parseAsync();
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
