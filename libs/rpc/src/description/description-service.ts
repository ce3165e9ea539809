/** hone.description.v1.DescriptionService: what a process is and can do. */
import { randomUUID } from 'node:crypto';
import { DescriptionServiceService, type Engine, type ServiceDescription } from '@hone/contracts';
import { unary } from '../handlers.ts';
import type { ServiceBinding } from '../service-binding.ts';
import { codeVersion } from '../service/code-version.ts';
import type { Role } from '../service/roles.ts';

/** What a service says of itself, as ServiceDescription has it. */
export interface Capabilities {
  /** Calls that keep it busy, at least 1. */
  readonly capacity: number;
  /** What computes; absent where the role computes nothing with models. */
  readonly engine?: Engine;
}

/** What a service of this process says of itself. It is made once: it has an instance id of its own. */
export function descriptionOf(role: Role, { capacity, engine }: Capabilities): ServiceDescription {
  return { role, version: codeVersion(), instance: randomUUID(), capacity, engine };
}

/** Serves it. */
export function descriptionService(description: ServiceDescription): ServiceBinding {
  return {
    definition: DescriptionServiceService,
    implementation: { describe: unary(async () => description) },
  };
}
