/** Runs the conformance kit of scorers against a server. */
import { failedPrecondition } from '@hone/errors';
import { runChecks, serverChecks, type Check, type CheckResult, type ServerOptions } from '../kit.ts';
import { CHECKS } from './checks.ts';
import { isRight, Probe, PROBLEMS, type ProbeOptions } from './probe.ts';

const SERVER_CHECKS: readonly Check<ServerOptions>[] = [
  ...serverChecks('hone.scorer.v1.ScorerService'),
  {
    name: 'list',
    rule: 'ListScorers gives scorers with versions, by the names that Score takes',
    async run(options) {
      const probe = new Probe({ ...options, config: {} }, '');
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
    },
  },
];

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
  for await (const result of runChecks('', SERVER_CHECKS, options)) {
    yield result;
    if (result.check === 'list' && !result.passed) reachable = false;
  }
  if (!reachable && scorers.length === 0) return;
  for (const scorer of scorers.length > 0 ? scorers : await scorersOf(options)) {
    const probe = await fittingProbe(options, scorer);
    try {
      yield* runChecks(scorer, CHECKS, probe);
    } finally {
      probe.close();
    }
  }
}
