export { awaitOperation, type OperationEndpoint } from './await-operation.ts';
export type { MessageType, OperationKind, RunningOperation } from './kind.ts';
export { operationsFolder } from './records.ts';
export { OperationRegistry, operationNameOf } from './registry.ts';
export { waitMs } from './service.ts';
