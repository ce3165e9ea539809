/** Every call that fails leaves one line in the log, with what it failed of. */
import type {
  MethodDefinition,
  ServerDuplexStream,
  StatusObject,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { cancelled, HoneError } from '@hone/errors';
import type { Logger } from 'pino';
import type { ServiceBinding } from '../service-binding.ts';
import { fromGrpcStatus, originOf } from '../status.ts';
import { runIn, RUN_KEY, withLogContext, type LogContext } from './context.ts';
import { logFailure } from './failure.ts';

type Call = ServerDuplexStream<unknown, unknown> & { readonly request?: Record<string, unknown> };
type Method = MethodDefinition<unknown, unknown>;
type Callback = (status: Partial<StatusObject> | null, ...rest: unknown[]) => void;
type Handler = (call: Call, callback?: Callback) => void;

/** What a call is about: its method, and the run that its request or its caller names. */
function contextOf(call: Call, method: string): LogContext {
  const { name, run, parent } = call.request ?? {};
  const [caller] = call.metadata.get(RUN_KEY);
  const found = runIn(name) ?? runIn(run) ?? runIn(parent) ?? runIn(caller);
  return { method, ...(found !== undefined && { run: found }) };
}

/** A caller ends its call at its own deadline, which is earlier than ours by the way of the request here. */
const REQUEST_WAY_MS = 250;

/** How a call ended that its caller did not wait for. */
function abandoned(call: Call): HoneError {
  const deadline = call.getDeadline();
  if (Number(deadline) > Date.now() + REQUEST_WAY_MS) return cancelled();
  const message = 'the deadline of the call passed';
  return new HoneError({ code: 'DEADLINE_EXCEEDED', reason: 'DEADLINE_EXCEEDED', message });
}

function loggedHandler(handler: Handler, definition: Method, logger: Logger): Handler {
  const method = definition.path.slice(1);
  return (call, callback) => {
    const context = contextOf(call, method);
    const startedAt = performance.now();
    let ended = false;
    const end = (failure?: unknown): void => {
      if (ended) return;
      ended = true;
      const seconds = Math.round(performance.now() - startedAt) / 1000;
      if (failure !== undefined) withLogContext(context, () => logFailure(logger, failure, '', { seconds }));
    };
    const failed = (status: Partial<StatusObject>): void => end(originOf(status) ?? fromGrpcStatus(status));
    // The library tells of a cancellation behind every call, also behind those that were answered.
    call.once('cancelled', () => end(call.writableEnded ? undefined : abandoned(call)));
    if (definition.responseStream) call.once('error', failed);
    const answer: Callback = (status, ...rest) => {
      if (status) failed(status);
      else end();
      callback!(status, ...rest);
    };
    if (definition.responseStream) withLogContext(context, () => handler(call));
    else withLogContext(context, () => handler(call, answer));
  };
}

/** What answers a service, with its failed calls in the log. */
export function logged({ definition, implementation }: ServiceBinding, logger: Logger): UntypedServiceImplementation {
  const handlers: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(definition)) {
    const handler = implementation[name] as Handler | undefined;
    if (handler) handlers[name] = loggedHandler(handler, method as Method, logger) as UntypedHandleCall;
  }
  return handlers;
}
