/**
 * Hone's contracts as TypeScript: messages, service definitions and clients, made by ts-proto from `protos/`
 * (`npm run generate`), and the few of Google's that they build on.
 */
export * from './generated/contracts.ts';
export { DESCRIPTOR_SET } from './generated/descriptors.ts';
export {
  CancelOperationRequest,
  GetOperationRequest,
  ListOperationsRequest,
  ListOperationsResponse,
  Operation,
  OperationsClient,
  OperationsService,
  type OperationsServer,
  WaitOperationRequest,
} from './generated/google/longrunning/operations.ts';
export {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
  HealthClient,
  HealthListResponse,
  HealthService,
} from './generated/health/v1/health.ts';
export { Any } from './generated/google/protobuf/any.ts';
export { Empty } from './generated/google/protobuf/empty.ts';
export { BadRequest, ErrorInfo } from './generated/google/rpc/error_details.ts';
export { Status } from './generated/google/rpc/status.ts';
export { checkpointOfNote, noteOfCheckpoint } from './checkpoint-note.ts';
export { judgeInOrder, type InOrderOptions } from './judge-in-order.ts';
export { digestOfName, nameOfDigest, runIdOf, type DigestCollection } from './names.ts';
export { measuredOutcomes, voteOf } from './outcomes.ts';
export { packFloat32, packInt32, unpackFloat32, unpackInt32 } from './packed.ts';
export { serverFields, serverKeysOf, tlsFields, tlsKeysOf, type ServerKeys, type TlsKeys } from './server-keys.ts';
export { scoreItemOf } from './score-items.ts';
export { envelopeFields, envelopeKeysOf, nameOfKind, type EnvelopeKeys } from './spec-envelope.ts';
export { artifactsOf, resultOf, stepOf, stepsOf } from './steps.ts';
export { countVerdict, isRight } from './verdicts.ts';
export { checkEvaluationSpec, checkSampling } from './rules/evaluation-rules.ts';
export { LIMITS } from '@hone/limits';
export { checkScorerRef, checkSettings } from './rules/scorer-rules.ts';
export { checkServerAddress, checkServerRef, isHostPort, type ServerAddress } from './rules/server-rules.ts';
export { checkTrainingSpec, type DatasetKind } from './rules/training-rules.ts';
export { Violations } from './rules/violations.ts';
export { messageOf, type PartialMessage } from './partial.ts';
