/** google.longrunning.Operations over operations that are kept. */
import {
  Empty,
  ListOperationsResponse,
  OperationsService,
  type CancelOperationRequest,
  type GetOperationRequest,
  type ListOperationsRequest,
  type Operation,
  type WaitOperationRequest,
} from '@hone/contracts';
import { unimplemented } from '@hone/errors';
import { readListRequest } from '@hone/listing';
import { unary } from '../handlers.ts';
import type { ServiceBinding } from '../service-binding.ts';
import type { OperationRecord } from './records.ts';

/** What is served. */
export interface ServedOperations {
  get(name: string): Promise<Operation>;
  wait(name: string, limitMs: number, signal: AbortSignal): Promise<Operation>;
  cancel(name: string): Promise<void>;
  all(): Promise<readonly OperationRecord[]>;
}

const MAX_WAIT_MS = 30_000;

/** How long WaitOperation waits, in whole milliseconds: what was asked, but never longer than a client's connection can be trusted. */
export function waitMs(timeout: WaitOperationRequest['timeout']): number {
  if (!timeout) return MAX_WAIT_MS;
  const askedMs = Number(timeout.seconds) * 1000 + timeout.nanos / 1e6;
  return Math.ceil(Math.max(0, Math.min(askedMs, MAX_WAIT_MS)));
}

/** The service. */
export function operationsService(operations: ServedOperations): ServiceBinding {
  return {
    definition: OperationsService,
    implementation: {
      getOperation: unary(({ name }: GetOperationRequest) => operations.get(name)),
      waitOperation: unary(({ name, timeout }: WaitOperationRequest, { signal }) =>
        operations.wait(name, waitMs(timeout), signal),
      ),
      cancelOperation: unary(async ({ name }: CancelOperationRequest) => {
        await operations.cancel(name);
        return Empty.fromPartial({});
      }),
      listOperations: unary(async (request: ListOperationsRequest) => pageOf(await operations.all(), request)),
      deleteOperation: unary(async () => {
        throw unimplemented('operations are forgotten by themselves; DeleteOperation is not supported');
      }),
    },
  };
}

/** What orders a list: times are not unique, names are. */
const positionOf = ({ createTime, operation }: OperationRecord): string => `${createTime} ${operation.name}`;

/** A page, oldest first. A token names the last record of its page, so that it means the same after a restart. */
function pageOf(records: readonly OperationRecord[], request: ListOperationsRequest): ListOperationsResponse {
  const { limit, after, tokenAfter } = readListRequest(request, {
    list: ['operations'],
    filterFields: {},
    orderFields: [],
    lastOrder: { field: 'create_time', descending: false },
  });
  const sorted = records.map((record) => ({ record, position: positionOf(record) }));
  sorted.sort((left, right) => (left.position < right.position ? -1 : 1));
  const rest = sorted.filter(({ position }) => after === undefined || position > String(after[0]));
  const page = rest.slice(0, limit);
  const nextPageToken = rest.length > limit ? tokenAfter([page.at(-1)!.position]) : '';
  return ListOperationsResponse.fromPartial({ operations: page.map(({ record }) => record.operation), nextPageToken });
}
