/** The sampler, trainer and evaluator that a run may name in the place of the deployment's own. */
import { Violations, type RunSpec, type ServerRef } from '@hone/contracts';
import { HoneError, toHoneError } from '@hone/errors';
import {
  addressesIn,
  describeService,
  NAMED_SERVICES,
  noteUnreachable,
  serviceReach,
  type NamedService,
  type ReachSettings,
} from '@hone/rpc';

/** A server that takes longer to say what it is, is as good as away. */
const TIMEOUT_MS = 5_000;

const namedIn = (spec: RunSpec): (readonly [NamedService, ServerRef])[] =>
  NAMED_SERVICES.flatMap((role) => (spec[role] ? [[role, spec[role]] as const] : []));

/** Notes the fields of a spec that name an address or a file which the operator has not listed. */
export function noteUnreachableServices(spec: RunSpec, settings: ReachSettings, violations: Violations): void {
  for (const [role, ref] of namedIn(spec))
    noteUnreachable(ref, `spec.${role}`, serviceReach(role, settings), violations);
}

/**
 * Asks the services that a spec names what they are. Throws where one is of another role, or none of its replicas answers. A server that
 * does not say what it is is taken at its word.
 */
export async function requireServices(spec: RunSpec): Promise<void> {
  const violations = new Violations();
  await Promise.all(namedIn(spec).map(([role, ref]) => requireService(role, ref, violations)));
  violations.throwIfAny();
}

async function requireService(role: NamedService, ref: ServerRef, violations: Violations): Promise<void> {
  const field = `spec.${role}.address`;
  const answers = await Promise.all(addressesIn(ref.address).map((address) => roleAt(address, ref)));
  for (const { address, other } of answers)
    if (other !== undefined && other !== role)
      violations.require(false, field, `must be a server of role ${role}, but ${address} says that it is: ${other}`);
  const silent = answers.flatMap(({ problem }) => problem ?? []);
  if (silent.length === answers.length) throw unreachable(role, ref, silent[0]!);
}

/** What a server says of itself, if anything; or why it does not answer. */
async function roleAt(
  address: string,
  { tls }: ServerRef,
): Promise<{ readonly address: string; readonly other?: string; readonly problem?: HoneError }> {
  try {
    const { role } = await describeService(address, { timeoutMs: TIMEOUT_MS, tls });
    return { address, other: role };
  } catch (thrown) {
    const problem = toHoneError(thrown);
    return problem.code === 'UNIMPLEMENTED' ? { address } : { address, problem };
  }
}

function unreachable(role: NamedService, { address }: ServerRef, cause: HoneError): HoneError {
  const field = `spec.${role}.address`;
  const description = `must be a ${role} that answers within ${TIMEOUT_MS / 1000} seconds, but ${cause.message}`;
  return new HoneError({
    code: 'FAILED_PRECONDITION',
    reason: 'SERVICE_UNREACHABLE',
    message: `${field}: ${description}`,
    violations: [{ field, description }],
    metadata: { address },
    cause,
  });
}
