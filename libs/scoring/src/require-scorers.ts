/** Whether scorers are there, and have what is asked of them, before work is begun that needs them. */
import type { Scorer, ScorerRef } from '@hone/contracts';
import { HoneError, invalidArgument } from '@hone/errors';
import type { JudgeOptions } from './judge.ts';
import { OneScorer } from './one-scorer.ts';

/** A server that takes longer to say what it has is as good as away. */
const TIMEOUT_MS = 5_000;
const AWAY = ['UNAVAILABLE', 'DEADLINE_EXCEEDED'];

/**
 * Asks the server of every scorer that a reference names for its list. Throws where it does not answer, or has no such scorer or
 * setting; `field` is where the reference stands in a request. A server that has no list is taken at its word.
 */
export async function requireScorers(ref: ScorerRef, field: string, options: JudgeOptions): Promise<void> {
  const { combination } = ref;
  if (!combination) return requireScorer(ref, field, options);
  const path = (index: number): string => `${field}.combination.scorers[${index}]`;
  await Promise.all(combination.scorers.map((one, index) => requireScorers(one, path(index), options)));
}

async function requireScorer(ref: ScorerRef, field: string, options: JudgeOptions): Promise<void> {
  const scorer = new OneScorer(ref, options);
  try {
    const listed = await scorer.list({ timeoutMs: TIMEOUT_MS });
    if (listed) requireListed(ref, field, listed);
  } catch (thrown) {
    if (!(thrown instanceof HoneError) || !AWAY.includes(thrown.code)) throw thrown;
    throw unreachable(ref.address, options.servers.at('scorer').addresses, field, thrown);
  }
}

function requireListed({ name, address, config }: ScorerRef, field: string, listed: readonly Scorer[]): void {
  const found = listed.find((scorer) => scorer.name === name);
  const names = listed.map((scorer) => scorer.name).join(', ');
  const where = address === '' ? '' : ` of ${address}`;
  if (!found) throw invalidArgument(`${field}.name`, `must be one of the scorers${where}: ${names}`);
  const takes = Object.keys(found.settings);
  // Somebody's own scorer may take settings without listing any.
  if (takes.length === 0 && address !== '') return;
  for (const setting of Object.keys(config)) {
    if (takes.includes(setting)) continue;
    const rule = `is no setting of ${name}, which takes ${takes.join(', ') || 'none'}`;
    throw invalidArgument(`${field}.config["${setting}"]`, rule);
  }
}

/** The deployment's own scorer will be back; an address that nobody listens at may be the wrong one. */
function unreachable(address: string, ownAddress: string, field: string, cause: HoneError): HoneError {
  const reason = 'SCORER_UNREACHABLE';
  if (address === '') {
    const message = `the scorer at ${ownAddress} does not answer: ${cause.message}`;
    return new HoneError({ code: 'UNAVAILABLE', reason, message, metadata: { address: ownAddress }, cause });
  }
  const description = `must be a scorer that answers within ${TIMEOUT_MS / 1000} seconds, but ${cause.message}`;
  return new HoneError({
    code: 'FAILED_PRECONDITION',
    reason,
    message: `${field}.address: ${description}`,
    violations: [{ field: `${field}.address`, description }],
    metadata: { address },
    cause,
  });
}
