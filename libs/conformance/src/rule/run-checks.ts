/** Runs the conformance kit of dataset rules against a server. */
import { notFound } from '@hone/errors';
import { runChecks, serverChecks, type Check, type CheckResult, type ServerOptions } from '../kit.ts';
import { CHECKS } from './checks.ts';
import { listRules, RuleProbe, type RuleProbeOptions } from './probe.ts';

const SERVER_CHECKS: readonly Check<ServerOptions>[] = [
  ...serverChecks('hone.pairbuilder.v1.RuleService'),
  {
    name: 'list',
    rule: 'ListRules gives rules, ordered by name, each once',
    async run(options) {
      const names = (await listRules(options)).map(({ name }) => name);
      if (names.length === 0) return 'it gives none';
      const ordered = [...new Set(names)].sort();
      return names.join() === ordered.join() ? undefined : `it gives ${names.join(', ')}`;
    },
  },
];

/** Checks the server, and these of its rules; without names all of them. */
export async function* checkRules(options: RuleProbeOptions, names: readonly string[]): AsyncGenerator<CheckResult> {
  let listed = true;
  for await (const result of runChecks('', SERVER_CHECKS, options)) {
    yield result;
    if (result.check === 'list' && !result.passed) listed = false;
  }
  if (!listed) return;
  const rules = await listRules(options);
  const unknown = names.find((name) => !rules.some((rule) => rule.name === name));
  if (unknown !== undefined)
    throw notFound(`rule ${unknown}`, `the server has ${rules.map(({ name }) => name).join(', ')}`);
  for (const rule of rules) {
    if (names.length > 0 && !names.includes(rule.name)) continue;
    const probe = new RuleProbe(options, rule);
    try {
      yield* runChecks(rule.name, CHECKS, probe);
    } finally {
      probe.close();
    }
  }
}
