/** The rules of a dataset rule, each with its name. */
import { RuleOutput, type JudgedProblem } from '@hone/contracts';
import { checkedAnswers } from '@hone/datasets';
import { HoneError } from '@hone/errors';
import { firstFinding, refused, type Check, type Finding } from '../kit.ts';
import type { Applied, Request, RuleProbe } from './probe.ts';
import { problemOf, problems } from './problems.ts';
import { outOfRange, settingsOf } from './schema.ts';

const requestOf = (value: JudgedProblem): Request => ({ message: { $case: 'problem', value } });

function difference(ids: readonly string[], one: Applied, other: Applied): Finding {
  const recordsOf = (applied: Applied, id: string): string => (applied.byProblem.get(id) ?? []).join();
  const id = ids.find((known) => recordsOf(one, known) !== recordsOf(other, known));
  return id === undefined ? undefined : `"${id}" gave something else`;
}

const idsOf = (of: readonly JudgedProblem[]): string[] => of.map(({ problemId }) => problemId);

/** What the pair-builder itself would refuse of the answers. */
async function broken(probe: RuleProbe, asked: readonly JudgedProblem[]): Promise<Finding> {
  async function* again() {
    yield* asked;
  }
  async function* given() {
    yield* await probe.answers([probe.config(), ...asked.map(requestOf)]);
  }
  let reports = 0;
  try {
    for await (const { message } of checkedAnswers(probe.rule, given(), again(), () => asked.length))
      if (message?.$case === 'report') reports += 1;
  } catch (thrown) {
    if (!(thrown instanceof HoneError) || thrown.reason !== 'BAD_RULE') throw thrown;
    return thrown.message.replace(/^.*breaks its contract: /, '').replace(/; mend that rule$/, '');
  }
  return reports === 1 ? undefined : `it gives ${reports} reports`;
}

/** Judges, in the order in which they are run. */
export const CHECKS: readonly Check<RuleProbe>[] = [
  {
    name: 'listing',
    rule: 'a rule says its version, what it is, where it comes from, what it makes, and default and description of every setting',
    async run({ rule }) {
      if (!/^[a-z][a-z0-9-]*$/.test(rule.name))
        return `the name "${rule.name}" is not of small letters, digits, hyphens`;
      if (rule.version < 1) return `version ${rule.version} is below 1`;
      if (rule.summary === '' || rule.source === '') return 'summary or source is empty';
      if (rule.produces === RuleOutput.UNSPECIFIED)
        return 'it does not say whether it makes pairs, examples or advantages';
      const settings = settingsOf(rule);
      if (!settings) return 'settings_schema_json is no JSON schema of an object';
      const bare = Object.entries(settings).find(([, { description }]) => !description);
      return bare ? `setting ${bare[0]} has no description` : undefined;
    },
  },
  {
    name: 'config alone',
    rule: 'a config without any problem is answered with one report, which has all settings',
    async run(probe) {
      const { report, byProblem } = await probe.apply([]);
      if (byProblem.size > 0 || report.problems !== 0) return 'it is answered with more than an empty report';
      const due = `${probe.rule.name}/${probe.rule.version}`;
      if (report.rule !== due) return `the report names ${report.rule} instead of ${due}`;
      const missing = Object.entries(settingsOf(probe.rule) ?? {}).find(
        ([name, { default: fallback }]) => fallback !== undefined && report.settings?.[name] === undefined,
      );
      return missing ? `the report's settings lack ${missing[0]}` : undefined;
    },
  },
  {
    name: 'answers',
    rule: 'answers name problems in their order, and completions as they came: indices in range, chosen never rejected, nothing invented',
    run: (probe) => broken(probe, problems(60)),
  },
  {
    name: 'makes something',
    rule: 'of problems with right and wrong completions and solutions, some give pairs or examples',
    async run(probe) {
      const { report } = await probe.apply(problems(60));
      return report.pairs + report.examples > 0 ? undefined : 'none gave any';
    },
  },
  {
    name: 'report',
    rule: 'the report counts every problem once, and every completion by its verdict where the rule needs them',
    async run(probe) {
      const asked = problems(60);
      const { report } = await probe.apply(asked);
      const { problemsUsed, problemsAllRight, problemsAllWrong, problemsEmpty } = report;
      const sum = problemsUsed + problemsAllRight + problemsAllWrong + problemsEmpty;
      if (sum !== asked.length) return `${asked.length} problems are counted as ${sum}`;
      if (!probe.rule.needs?.verdicts) return undefined;
      const { correct, wrong, unscorable, truncated, error } = report.completions ?? NO_COUNTS;
      const counted = correct + wrong + unscorable + truncated + error;
      const sent = asked.reduce((count, { completions }) => count + completions.length, 0);
      return counted === sent ? undefined : `${sent} completions are counted as ${counted}`;
    },
  },
  {
    name: 'deterministic',
    rule: 'the same config and problems give the same answers, also beside other calls',
    async run(probe) {
      const asked = problems(60);
      const first = await probe.apply(asked);
      const others = await Promise.all(Array.from({ length: 4 }, () => probe.apply(asked)));
      return others.map((other) => difference(idsOf(asked), first, other)).find((found) => found !== undefined);
    },
  },
  {
    name: 'independent',
    rule: 'what a problem gives does not depend on the problems before and behind it',
    async run(probe) {
      const asked = problems(30);
      const together = await probe.apply(asked);
      const reversed = await probe.apply(asked.toReversed());
      const apart = difference(idsOf(asked), together, reversed);
      if (apart !== undefined) return `${apart} in another order`;
      return firstFinding(
        asked.slice(0, 6),
        async (one) => difference([one.problemId], together, await probe.apply([one])) && 'gave something else alone',
        ({ problemId }) => `"${problemId}"`,
      );
    },
  },
  {
    name: 'unknown settings',
    rule: 'settings that it does not have are INVALID_ARGUMENT that names each of them',
    run: (probe) =>
      refused(
        probe.apply([], { ...probe.options.settings, no_such_setting: 1, nor_this: 2 }),
        'with unknown settings',
        ['config.settings.no_such_setting', 'config.settings.nor_this'],
      ),
  },
  {
    name: 'ranges',
    rule: 'a setting out of its range or of another type is INVALID_ARGUMENT that names it',
    run: (probe) =>
      firstFinding(
        Object.entries(settingsOf(probe.rule) ?? {}).flatMap(([name, schema]) =>
          outOfRange(schema).map((value) => [name, value] as const),
        ),
        ([name, value]) =>
          refused(probe.apply([], { ...probe.options.settings, [name]: value }), 'with it', [
            `config.settings.${name}`,
          ]),
        ([name, value]) => `${name} = ${JSON.stringify(value)}:`,
      ),
  },
  {
    name: 'bad streams',
    rule: 'a stream without a config, with two, or for an unknown rule is INVALID_ARGUMENT',
    async run(probe) {
      const unknown = { message: { $case: 'config' as const, value: { rule: 'no-such-rule' } } };
      return (
        (await refused(probe.answers([]), 'without any message')) ??
        (await refused(probe.answers([requestOf(problemOf(0))]), 'without a config')) ??
        (await refused(probe.answers([probe.config(), probe.config()]), 'with two configs')) ??
        (await refused(probe.answers([unknown]), 'for an unknown rule'))
      );
    },
  },
  {
    name: 'empty problems',
    rule: 'a problem without an id, or without what the rule needs, is INVALID_ARGUMENT',
    async run(probe) {
      const { needs } = probe.rule;
      const nameless = { ...problemOf(0), problemId: '' };
      const empty = { ...problemOf(0), completions: [] };
      const unjudged = { ...problemOf(0), completions: [{ ...problemOf(0).completions[0]!, verdict: undefined }] };
      const unknown = { ...problemOf(0), problem: undefined };
      const compared = { ...problemOf(0), comparisons: [{ a: 0, b: 99, judgements: [] }] };
      return (
        (await refused(probe.apply([nameless]), 'with a problem without an id')) ??
        (needs?.verdicts ? await refused(probe.apply([empty]), 'with a problem without completions') : undefined) ??
        (needs?.verdicts ? await refused(probe.apply([unjudged]), 'with a completion without a verdict') : undefined) ??
        (needs?.comparisons
          ? await refused(probe.apply([compared]), 'with a comparison of no completion')
          : undefined) ??
        (needs?.solutions ? await refused(probe.apply([unknown]), 'without the problem itself') : undefined)
      );
    },
  },
  {
    name: 'many problems',
    rule: '10,000 problems stream: the first answers come before the last problems are sent',
    run: streams,
  },
  {
    name: 'cancelled calls',
    rule: 'after calls that were cancelled or ran out of time the rule answers as before',
    async run(probe) {
      const asked = problems(200);
      const requests = [probe.config(), ...asked.map(requestOf)];
      const before = await probe.apply(asked);
      for (let call = 0; call < 3; call += 1) {
        await probe.answers(requests, { signal: AbortSignal.timeout(5) }).catch(() => undefined);
        await probe.answers(requests, { timeoutMs: 5 }).catch(() => undefined);
      }
      return difference(idsOf(asked), before, await probe.apply(asked));
    },
  },
];

const NO_COUNTS = { correct: 0, wrong: 0, unscorable: 0, truncated: 0, error: 0 };

/** A server that gathers all problems before it answers the first would be waited for in vain, and its memory grow without end. */
async function streams(probe: RuleProbe): Promise<Finding> {
  const { manyProblems: many = 10_000 } = probe.options;
  // So many problems before the last one, some answer must have come, unless there is none to come.
  const heldBack = Math.ceil(many / 10);
  const speaks = (await probe.apply(problems(60))).byProblem.size > 0;
  const timeoutMs = probe.options.timeoutMs * 6;
  let answered: () => void = () => undefined;
  const firstAnswer = new Promise<void>((resolve) => (answered = resolve));
  const gaveUp = new AbortController();
  async function* requests(): AsyncGenerator<Request> {
    yield probe.config();
    for (let number = 0; number < many; number++) {
      if (speaks && number === many - heldBack) await firstAnswer;
      yield requestOf(problemOf(number));
    }
  }
  const timer = setTimeout(() => gaveUp.abort(), timeoutMs);
  let report: number | undefined;
  try {
    for await (const { message } of probe.stream(requests(), { timeoutMs: timeoutMs * 2, signal: gaveUp.signal })) {
      answered();
      clearTimeout(timer);
      if (message?.$case === 'report') report = message.value.problems;
    }
  } catch (thrown) {
    if (!gaveUp.signal.aborted) throw thrown;
    return `no answer came within ${timeoutMs / 1000} s, before the last ${heldBack} problems were sent`;
  } finally {
    clearTimeout(timer);
    answered();
  }
  return report === many ? undefined : `the report counts ${report ?? 'no'} problems`;
}
