/** Running PostgreSQL so that it does not outlive the orchestrator, however that ends. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

/**
 * The shell, which initdb needs as well, waits for two ends at once. When the server ends, so does it. When its standard input does,
 * which this process holds open and the system closes at its end, the server is asked to end after what is under way ("fast").
 */
const SCRIPT = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( read -r _ <&3; kill -INT $server ) &
watcher=$!
exec 3<&-
wait $server
code=$?
kill $watcher 2>/dev/null
exit $code
`;

/** Starts a server program under supervision; its output goes to the log file that is open as `log`. */
export function spawnSupervised(
  program: string,
  flags: readonly string[],
  log: number,
  options: SpawnOptions,
): ChildProcess {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'hone-postgres', program, ...flags], {
    ...options,
    stdio: ['pipe', log, log],
    // Ctrl-C goes to the orchestrator, which then ends the server.
    detached: true,
  });
  child.once('error', () => undefined);
  child.stdin!.on('error', () => undefined);
  child.unref();
  return child;
}
