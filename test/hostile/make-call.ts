/** Making a call from bytes, and seeing what becomes of it. */
import { Client, credentials, Metadata, status as GrpcStatus, type ServiceError } from '@grpc/grpc-js';
import type { HostileCall } from './random-requests.ts';

const same = (bytes: Buffer): Buffer => bytes;

/** After this a call that nobody ended early stands still. */
const PATIENCE_MS = 60_000;
const BRIEFLY_MS = 300;
/** Messages of a stream that are read. */
const MOST_READ = 20;

/** What became of a call: its status, and whether it had to be given up. */
export interface CallOutcome {
  readonly code: number;
  readonly details: string;
  readonly stalled: boolean;
}

/** A connection to a server. */
export const connection = (address: string): Client =>
  new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 });

/** Whether an answer may take as long as something else does: then its end is no business of the server's. */
const WAITS = /\/(WatchRun|WatchTraining|WaitOperation|PauseRun|CancelRun|Watch)$/;

/** Makes a call; it resolves at the call's end, whatever that is. */
export function makeCall(client: Client, { method, messages, behaviour }: HostileCall): Promise<CallOutcome> {
  const waits = WAITS.test(method.path) || behaviour === 'leaves';
  const patience = behaviour === 'hurries' ? 1 : waits ? BRIEFLY_MS : PATIENCE_MS;
  return new Promise((resolve) => {
    const deadline = Date.now() + patience;
    const call = client.makeBidiStreamRequest(method.path, same, same, new Metadata(), { deadline });
    let read = 0;
    call.on('data', () => {
      if (++read >= MOST_READ) call.cancel();
    });
    call.on('error', (error: ServiceError) => {
      const late = error.code === GrpcStatus.DEADLINE_EXCEEDED && patience === PATIENCE_MS && Date.now() >= deadline;
      resolve({ code: error.code, details: error.details, stalled: late });
    });
    call.on('end', () => resolve({ code: GrpcStatus.OK, details: '', stalled: false }));
    for (const message of messages) call.write(message);
    // One that leaves says neither that it has ended nor that it has gone.
    if (behaviour !== 'leaves') call.end();
    if (behaviour === 'cancels') setTimeout(() => call.cancel(), 2);
  });
}
