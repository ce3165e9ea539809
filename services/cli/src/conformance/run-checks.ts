/** Runs the conformance kit against a server. */
import { failedPrecondition, toHoneError } from '@hone/errors';
import { isServing, listServices } from '@hone/rpc';
import { CHECKS } from './checks.ts';
import { isRight, Probe, PROBLEMS, type Finding, type ProbeOptions } from './probe.ts';

const SERVICE = 'hone.scorer.v1.ScorerService';

/** What became of a check. */
export interface CheckResult {
  /** The scorer's name; empty for checks of the server. */
  readonly scorer: string;
  readonly check: string;
  readonly rule: string;
  readonly passed: boolean;
  /** What is wrong; empty where it passed. */
  readonly problem: string;
}

interface NamedRule {
  readonly scorer: string;
  readonly check: string;
  readonly rule: string;
}

async function outcome(named: NamedRule, run: () => Promise<Finding>): Promise<CheckResult> {
  const problem = await run().catch((thrown: unknown) => toHoneError(thrown).message);
  return { ...named, passed: problem === undefined, problem: problem ?? '' };
}

async function* serverChecks({ address, tls, timeoutMs }: ProbeOptions): AsyncGenerator<CheckResult> {
  const server = (check: string, rule: string): NamedRule => ({ scorer: '', check, rule });
  yield outcome(server('health', 'grpc.health.v1.Health says SERVING'), async () =>
    (await isServing(address, timeoutMs, tls)) ? undefined : 'it does not',
  );
  yield outcome(server('reflection', `server reflection lists ${SERVICE}`), async () => {
    const services = await listServices(address, timeoutMs, tls);
    return services.includes(SERVICE) ? undefined : `it lists ${services.join(', ') || 'nothing'}`;
  });
  yield outcome(server('list', 'ListScorers gives scorers with versions, by the names that Score takes'), async () => {
    const probe = new Probe({ address, tls, timeoutMs, config: {} }, '');
    try {
      const listed = await probe.list();
      const bad = listed.find(
        ({ name, version }) => !/^\S+$/.test(name) || name.startsWith('scorers/') || version === '',
      );
      if (bad) return `"${bad.name}" with version "${bad.version}" is no such`;
      return listed.length > 0 ? undefined : 'it gives none';
    } finally {
      probe.close();
    }
  });
}

/** The kind of problem that the scorer can judge: of the first that it finds right, else the first. */
async function fittingProbe(options: ProbeOptions, scorer: string): Promise<Probe> {
  const probe = new Probe(options, scorer);
  for (const problem of PROBLEMS) {
    const candidate = probe.with(problem);
    const verdict = await candidate.judge(`Final answer: ${problem.gold}`).catch(() => undefined);
    if (verdict && isRight(verdict)) {
      probe.close();
      return candidate;
    }
    candidate.close();
  }
  return probe;
}

/** The scorers that can be judged as they are: those that take no settings, where none are given. */
async function scorersOf(options: ProbeOptions): Promise<string[]> {
  const probe = new Probe(options, '');
  try {
    const plain = (await probe.list()).filter(({ settings }) => Object.keys(settings).length === 0);
    if (plain.length > 0) return plain.map(({ name }) => name);
  } finally {
    probe.close();
  }
  throw failedPrecondition('NO_SCORER', 'the server lists no scorer without settings: name one by --scorer');
}

/** Checks the server, and these of its scorers; without names all that take no settings. */
export async function* checkScorers(options: ProbeOptions, scorers: readonly string[]): AsyncGenerator<CheckResult> {
  let reachable = true;
  for await (const result of serverChecks(options)) {
    yield result;
    if (result.check === 'list' && !result.passed) reachable = false;
  }
  if (!reachable && scorers.length === 0) return;
  for (const scorer of scorers.length > 0 ? scorers : await scorersOf(options)) {
    const probe = await fittingProbe(options, scorer);
    try {
      for (const { name: check, rule, run } of CHECKS) yield outcome({ scorer, check, rule }, () => run(probe));
    } finally {
      probe.close();
    }
  }
}
