import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { RequestDemands } from './malformed.ts';

/** A service and what answers it. */
export interface ServiceBinding {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
  /** What it asks of every request; absent for nothing but that it is well-formed. */
  readonly demands?: RequestDemands;
}
