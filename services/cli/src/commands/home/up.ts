import { failedPrecondition } from '@hone/errors';
import { DEFAULT_PORTS, ROLES } from '@hone/rpc';
import { onInterrupt } from '@hone/terminal';
import type { Command } from 'commander';
import { takeTurn } from '../../platform/take-turn.ts';
import { startServices } from '../../platform/processes.ts';
import { localHomeOf, outputOf, portBase } from '../common.ts';

/** `hone up`: all services on loopback until Ctrl-C. */
export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('start all six services on loopback, until Ctrl-C')
    .option(
      '--port-base <port>',
      'port of the first service, the others follow; 0 for any free ports',
      portBase,
      DEFAULT_PORTS.sampler,
    )
    .option('--json', 'one JSON document with the addresses on stdout', false)
    .action(async (options: { portBase: number; json: boolean }, command: Command) => {
      const home = localHomeOf(command, 'hone up starts services');
      const output = outputOf(options);
      const turn = await takeTurn(home, { whole: true, onWait: (line) => void process.stderr.write(`${line}\n`) });
      if (turn.platform)
        throw failedPrecondition(
          'ALREADY_UP',
          `services are already up in ${home.root} (process ${turn.platform.pid}); end them first, or use another --home`,
        );
      const starting = startServices({
        home,
        portBase: options.portBase,
        resumeRuns: true,
        onRestart: (what) => void process.stderr.write(`${what}\n`),
      });
      const services = await starting
        .then((up) => (home.notePlatform({ pid: process.pid, addresses: up.addresses }), up))
        .finally(turn.started);
      const stopped = new Promise<undefined>((resolve) => onInterrupt(() => resolve(undefined)));
      const lines = ROLES.map((role) => `  ${role.padEnd(14)} ${services.addresses[role]}`);
      output.result({ home: home.root, addresses: services.addresses }, () =>
        [`up in ${home.root}`, ...lines, 'Ctrl-C ends them.'].join('\n'),
      );
      const broken = await Promise.race([stopped, services.broken]);
      const gone = home.lockStart();
      home.forgetPlatform();
      await services.stop();
      gone?.();
      if (broken) throw broken;
    });
}
