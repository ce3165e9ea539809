/** google.longrunning.Operations over runs: for clients that wait for any work of Hone in the same way. */
import {
  Any,
  Empty,
  ListOperationsResponse,
  ListRunsRequest,
  Operation,
  OperationsService,
  Run,
  RunMetadata,
  RunState,
  type CancelOperationRequest,
  type GetOperationRequest,
  type ListOperationsRequest,
  type WaitOperationRequest,
} from '@hone/contracts';
import { HoneError, invalidArgument, unimplemented } from '@hone/errors';
import { toStatus, unary, waitMs, type ServiceBinding } from '@hone/rpc';
import { failureText, getRun, listRuns, MOVING, nameOfState, type LiveRuns, type RunRecord } from '@hone/engine';
import { wholeRun, type RunsOptions } from './runs.ts';

/** What the service needs. */
export interface RunOperationsOptions extends RunsOptions {
  readonly live: LiveRuns;
}

const TYPE_PREFIX = 'type.googleapis.com/hone.orchestrator.v1.';

/** "operations/{run}" -> the run's id. */
function runIdOf(name: string): string {
  const id = /^operations\/([a-z0-9-]{1,64})$/.exec(name)?.[1];
  if (id === undefined) throw invalidArgument('name', `must be a name "operations/{run}", but is "${name}"`);
  return id;
}

function pack<Message>(
  type: { encode(message: Message): { finish(): Uint8Array } },
  typeName: string,
  message: Message,
): Any {
  return { typeUrl: TYPE_PREFIX + typeName, value: Buffer.from(type.encode(message).finish()) };
}

/** The service. */
export function runOperations(options: RunOperationsOptions): ServiceBinding {
  const { database, scheduler } = options;
  const describe = (run: RunRecord): Promise<Operation> => operationOf(options, run);
  return {
    definition: OperationsService,
    implementation: {
      getOperation: unary(async ({ name }: GetOperationRequest) => describe(await getRun(database, runIdOf(name)))),
      listOperations: unary(async (request: ListOperationsRequest) => {
        const { pageSize, pageToken, filter } = request;
        const page = await listRuns(database, ListRunsRequest.fromPartial({ pageSize, pageToken, filter }));
        const operations = await Promise.all(page.runs.map(describe));
        return ListOperationsResponse.fromPartial({ operations, nextPageToken: page.nextPageToken });
      }),
      waitOperation: unary(async (request: WaitOperationRequest, { signal }) =>
        describe(await waitForRun(options, request, signal)),
      ),
      cancelOperation: unary(async ({ name }: CancelOperationRequest) => {
        await scheduler.cancel(runIdOf(name));
        return Empty.fromPartial({});
      }),
      deleteOperation: unary(async () => {
        throw unimplemented(
          'the operation of a run is the run itself, which is kept; DeleteOperation is not supported',
        );
      }),
    },
  };
}

async function operationOf({ database }: RunOperationsOptions, run: RunRecord): Promise<Operation> {
  const { id, state, createTime, updateTime, lastEvent } = run;
  const described = { run: `runs/${id}`, state, createTime, updateTime, lastEvent: BigInt(lastEvent) };
  const metadata = pack(RunMetadata, 'RunMetadata', described);
  const operation = Operation.fromPartial({ name: `operations/${id}`, metadata, done: !MOVING.includes(state) });
  if (!operation.done) return operation;
  if (state !== RunState.SUCCEEDED) return { ...operation, result: { $case: 'error', value: toStatus(errorOf(run)) } };
  const response = pack(Run, 'Run', await wholeRun(database, run));
  return { ...operation, result: { $case: 'response', value: response } };
}

/** Why a run stands still. */
function errorOf({ id, state, failure }: RunRecord): HoneError {
  const what = `runs/${id} is ${nameOfState(state)}`;
  if (state === RunState.FAILED && failure)
    return new HoneError({
      code: 'ABORTED',
      reason: 'RUN_FAILED',
      message: `${what}: ${failureText(failure)}`,
      metadata: { code: failure.code, reason: failure.reason },
    });
  return new HoneError({ code: 'CANCELLED', reason: 'RUN_STOPPED', message: what });
}

/** The run as soon as it stands still, or as it is when the time is over. */
async function waitForRun(
  { database, live }: RunOperationsOptions,
  { name, timeout }: WaitOperationRequest,
  signal: AbortSignal,
): Promise<RunRecord> {
  const id = runIdOf(name);
  const over = AbortSignal.any([signal, AbortSignal.timeout(waitMs(timeout))]);
  // Before the first query, so that no change falls between the two.
  const subscription = live.subscribe(id);
  try {
    for (;;) {
      const run = await getRun(database, id);
      if (over.aborted || !MOVING.includes(run.state)) return run;
      await subscription.next(over);
    }
  } finally {
    subscription.close();
  }
}
