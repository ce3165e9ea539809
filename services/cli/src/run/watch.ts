/** Following a run to its end, with its progress shown. */
import {
  GetRunRequest,
  nameOfKind,
  resultOf,
  RunState,
  StepKind,
  WatchRunRequest,
  type StepReport,
  type ServiceWait,
  type Run,
  type RunEvent,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callServerStream, callUnary } from '@hone/rpc';
import { type Progress, seconds } from '@hone/terminal';
import { hone } from '../errors/advice.ts';
import { share } from '../reports/evaluation-lines.ts';
import { byFileKeys } from '../spec/file-keys.ts';
import { adviceOf } from './run-advice.ts';
import type { Clients } from '../platform/platform.ts';

function stepSummary({ usage }: StepReport): string {
  if (!usage) return 'done';
  const perSecond = Number(usage.tokens) / Math.max(usage.seconds, 0.001);
  const rate = usage.tokens > 0n ? `, ${perSecond.toFixed(perSecond < 10 ? 1 : 0)} tokens/s` : '';
  return `${seconds(usage.seconds)} s${rate}`;
}

/** "scorer 127.0.0.1:5999 does not answer, try 4, next in 8 s". */
export function waitLine({ service, address, attempt, nextTrySeconds, code, reason, message }: ServiceWait): string {
  const isSilent = code === 'UNAVAILABLE' && reason === 'UNAVAILABLE';
  const what = isSilent ? ' does not answer' : ` failed (${message})`;
  return `${service} ${address}${what}, try ${attempt}, next in ${Number(nextTrySeconds.toFixed(1))} s`;
}

/** A step by its name, or by its kind where its name is one of a list, which its part says in words. */
const titleOf = ({ iteration, step, kind }: RunEvent): string =>
  `iteration ${iteration}, ${step.includes('/') ? nameOfKind(kind) : step}`;

function show(progress: Progress, { iteration, event }: RunEvent): void {
  if (event?.$case === 'stepFinished') {
    progress.finish(stepSummary(event.value));
  } else if (event?.$case === 'progress') {
    const { done, total, unit, training, part } = event.value;
    progress.part(part);
    progress.update(Number(done), Number(total), unit, training ? `loss ${training.loss.toFixed(3)}` : '');
  } else if (event?.$case === 'warning') progress.note(`warning: ${byFileKeys(event.value)}`);
  else if (event?.$case === 'waiting') progress.note(waitLine(event.value));
  else if (event?.$case === 'iterationFinished') {
    const greedy = resultOf(event.value, 'evaluate')?.greedy;
    if (greedy)
      progress.note(`iteration ${iteration}: greedy accuracy ${share(greedy)} % (${greedy.correct}/${greedy.total})`);
  }
}

/** Follows a run until it stands still and gives it back. A run that failed is an error. */
export async function watchRun(
  { orchestrator }: Clients,
  name: string,
  progress: Progress,
  { afterEvent = 0n, signal }: { readonly afterEvent?: bigint; readonly signal?: AbortSignal } = {},
): Promise<Run> {
  const request = WatchRunRequest.fromPartial({ name, afterEvent });
  // A run may be queued for days without an event.
  let current = '';
  try {
    for await (const event of callServerStream(orchestrator, 'watchRun', request, { signal, idleMs: Infinity })) {
      if (event.event?.$case === 'state' && event.event.value === RunState.QUEUED) progress.phase('queued');
      if (event.event?.$case === 'stepStarted') {
        current = event.step;
        progress.phase(titleOf(event));
        if (event.kind === StepKind.FEEDBACK) progress.note(`people are asked: ${hone(`feedback --run ${name}`)}`);
      }
      // Progress is not kept and may overtake the start of its step.
      else if (event.event?.$case !== 'progress' || event.step === current) show(progress, event);
    }
  } finally {
    progress.stop();
  }
  const run = await callUnary(orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));
  if (run.state === RunState.FAILED) {
    const message = `${run.name} failed: ${run.error}\n${adviceOf(run)}`;
    throw new HoneError({ code: 'FAILED_PRECONDITION', reason: 'RUN_FAILED', message });
  }
  return run;
}
