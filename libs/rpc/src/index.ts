/** gRPC for Hone: server and client bootstrap, errors, health, reflection, long-running operations. */
export * from './client.ts';
export * from './description/index.ts';
export * from './descriptors.ts';
export * from './handlers.ts';
export * from './health/index.ts';
export * from './list-services.ts';
export * from './log/index.ts';
export * from './operations/index.ts';
export * from './reach.ts';
export * from './replicas/index.ts';
export * from './server.ts';
export type { ServiceBinding } from './service-binding.ts';
export * from './service/index.ts';
export * from './status.ts';
export * from './usage.ts';
