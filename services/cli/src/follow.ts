/** Following a run from a command: Ctrl-C cancels it cleanly and says how to go on. */
import { CancelRunRequest, RunState, type Run } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import type { Output } from './output.ts';
import { shortName } from './output.ts';
import type { Clients } from './platform.ts';
import { makeProgress } from './progress.ts';
import { checkpointLines, memoryLine, runDocument, runTable } from './report.ts';
import { watchRun } from './watch.ts';

/** Calls `stop` at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function onInterrupt(stop: () => void): () => void {
  let asked = false;
  const handle = (): void => {
    if (asked) process.exit(130);
    asked = true;
    stop();
  };
  process.on('SIGINT', handle).on('SIGTERM', handle);
  return () => void process.off('SIGINT', handle).off('SIGTERM', handle);
}

/** Watches a run to its end; an interruption cancels it. */
export async function followRun(clients: Clients, name: string, output: Output): Promise<Run> {
  const release = onInterrupt(() => {
    output.line('\nstopping …');
    callUnary(clients.orchestrator, 'cancelRun', CancelRunRequest.fromPartial({ name })).catch((thrown: unknown) =>
      output.line(thrown instanceof Error ? thrown.message : String(thrown)),
    );
  });
  try {
    return await watchRun(clients, name, makeProgress(output));
  } finally {
    release();
  }
}

/** Prints what became of a run. One that was stopped is an error that says how to go on. */
export function reportRun(run: Run, output: Output, storeDir: string, conclusion = ''): void {
  if (run.state !== RunState.SUCCEEDED) {
    const message = `${run.name} is ${run.state.replace('RUN_STATE_', '').toLowerCase()}; go on with: hone runs resume ${run.name}`;
    throw new HoneError({ code: 'CANCELLED', reason: 'RUN_STOPPED', message });
  }
  output.result(runDocument(run), () =>
    [
      runTable(run),
      '',
      `run: ${run.name}   peak memory: ${memoryLine(run)}`,
      `checkpoints (in ${storeDir}; copy one out with: hone checkpoints export NAME FOLDER):`,
      ...checkpointLines(run).map(shortName),
      ...(conclusion ? ['', conclusion] : []),
    ].join('\n'),
  );
}
