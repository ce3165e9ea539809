import { OperationsClient, type Operation } from '@hone/contracts';
import type { CallOptions, RemoteWork } from '@hone/engine';
import { HoneError } from '@hone/errors';
import {
  awaitOperation,
  callUnary,
  operationNameOf,
  type ClientClass,
  type GrpcClient,
  type MessageType,
  type ReplicaSet,
} from '@hone/rpc';

/** How a service is asked for long-running work. */
export interface WorkKind<C, Request, Response, Metadata> {
  /** The method that starts it. */
  readonly method: string;
  readonly start: (client: C, request: Request, options: CallOptions) => Promise<Operation>;
  readonly response: MessageType<Response>;
  readonly metadata: MessageType<Metadata>;
}

const LOOK_MS = 5_000;

/**
 * Long-running operations of a service. An operation stays with the replica that has it: it is waited for there, and asked for there again
 * by the same request id. Where that replica is away, another one that shares its store goes on with the operation.
 */
export function remoteWork<C extends GrpcClient, Request extends { requestId: string }, Response, Metadata>(
  at: () => ReplicaSet,
  clientClass: ClientClass<C>,
  kind: WorkKind<C, Request, Response, Metadata>,
): RemoteWork<Request, Response, Metadata> {
  const { method, response, metadata } = kind;
  const placeOf = new Map<string, string>();
  return {
    start: async (request, options) => {
      const { signal } = options;
      const preferred = await replicaWith(at(), operationNameOf(method, request.requestId), signal);
      const start = async (client: C, address: string): Promise<Operation> => {
        const operation = await kind.start(client, request, options);
        placeOf.set(operation.name, address);
        return operation;
      };
      return at().call(clientClass, start, { signal, preferred });
    },
    wait: async (operation, { signal, leaving, onMetadata }) => {
      const preferred = placeOf.get(operation.name);
      try {
        return await awaitOperation({
          client: (call) => at().call(OperationsClient, call, { preferred, signal: leaving }),
          ...{ operation, response, metadata, onMetadata, signal, leaving },
        });
      } finally {
        placeOf.delete(operation.name);
      }
    },
  };
}

/** The replica that has an operation; undefined where none has it, or there is no choice. */
async function replicaWith(set: ReplicaSet, name: string, signal: AbortSignal): Promise<string | undefined> {
  if (set.members.length < 2) return undefined;
  const has = async (client: OperationsClient): Promise<boolean> => {
    try {
      await callUnary(client, 'getOperation', { name }, { signal, timeoutMs: LOOK_MS });
      return true;
    } catch (thrown) {
      if (thrown instanceof HoneError) return false;
      throw thrown;
    }
  };
  const found = await set.each(OperationsClient, has);
  return found.find(([, hasIt]) => hasIt)?.[0];
}
