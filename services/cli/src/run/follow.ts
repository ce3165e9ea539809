/** Following a run from a command: Ctrl-C cancels it cleanly and says how to go on. */
import { CancelRunRequest, RunState, type Run } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import { columnsOf, makeProgress, onInterrupt, type Output, type Progress, prose, shortName } from '@hone/terminal';
import { hone } from '../errors/advice.ts';
import type { Clients } from '../platform/platform.ts';
import { checkpointLines, memoryLine, runDocument, runTable } from '../reports/report.ts';
import { watchRun } from './watch.ts';

/** How a run is followed. */
export interface FollowOptions {
  /** What Ctrl-C does: `cancel` stops the run, `leave` only stops watching. */
  readonly interrupt: 'cancel' | 'leave';
  /** Number of the last event that is known already; 0n for none. */
  readonly afterEvent?: bigint;
}

function cancelRun({ orchestrator }: Clients, name: string, progress: Progress): void {
  progress.note('stopping …');
  callUnary(orchestrator, 'cancelRun', CancelRunRequest.fromPartial({ name })).catch((thrown: unknown) =>
    progress.note(thrown instanceof Error ? thrown.message : String(thrown)),
  );
}

/** Watches a run to its end, or to an interruption. */
export async function followRun(
  clients: Clients,
  name: string,
  output: Output,
  { interrupt, afterEvent = 0n }: FollowOptions,
): Promise<Run> {
  const leaving = new AbortController();
  const progress = makeProgress(output);
  const release = onInterrupt(() => (interrupt === 'cancel' ? cancelRun(clients, name, progress) : leaving.abort()));
  try {
    return await watchRun(clients, name, progress, { afterEvent, signal: leaving.signal });
  } catch (thrown) {
    if (!leaving.signal.aborted) throw thrown;
    const message = `stopped watching ${name}, which goes on; watch it with: ${hone(`runs watch ${name}`)}`;
    throw new HoneError({ code: 'CANCELLED', reason: 'WATCH_LEFT', message });
  } finally {
    release();
  }
}

/** Prints what became of a run. One that was stopped is an error that says how to go on. */
export function reportRun(
  run: Run,
  output: Output,
  storeDir: string,
  { conclusion = '', document = {} }: { readonly conclusion?: string; readonly document?: object } = {},
): void {
  if (run.state !== RunState.SUCCEEDED) {
    const message = `${run.name} is ${run.state.replace('RUN_STATE_', '').toLowerCase()}; go on with: ${hone(`runs resume ${run.name}`)}`;
    throw new HoneError({ code: 'CANCELLED', reason: 'RUN_STOPPED', message });
  }
  output.result({ ...runDocument(run), ...document }, () =>
    [
      runTable(run),
      '',
      `run: ${run.name}   peak memory: ${memoryLine(run)}`,
      `checkpoints (in ${storeDir}; copy one out with: hone checkpoints export NAME FOLDER):`,
      ...checkpointLines(run).map(shortName),
      ...(conclusion ? ['', prose(conclusion, columnsOf())] : []),
    ].join('\n'),
  );
}
