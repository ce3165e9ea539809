/** The rules of a scorer, each with its name. */
import { FinishReason, VerdictState, type ScoreItem, type Verdict } from '@hone/contracts';
import { firstFinding, refused, type Check, type Finding } from '../kit.ts';
import { isRight, said, type Probe } from './probe.ts';

const right = ({ problem }: Probe): string => `I thought about it. Final answer: ${problem.gold}`;
const wrong = ({ problem }: Probe): string => `I thought about it. Final answer: ${problem.wrong}`;

/** A batch with something of every kind. */
function mixedBatch(probe: Probe): ScoreItem[] {
  const completions = [right(probe), wrong(probe), 'I do not know.', '', right(probe), 'é😀\u0000 \\frac{'];
  return completions.map((completion, index) => probe.item(completion, { id: `id ${5 - index}` }));
}

const KNOWN = [VerdictState.SCORED, VerdictState.UNSCORABLE, VerdictState.TRUNCATED, VerdictState.ERROR];

function brokenForm(item: ScoreItem, verdict: Verdict): Finding {
  const { id, state, score, span, scorer, scorerVersion } = verdict;
  if (id !== item.id) return `the verdict on "${item.id}" has the id "${id}"`;
  if (!KNOWN.includes(state)) return `state ${state} is none of SCORED, UNSCORABLE, TRUNCATED, ERROR`;
  if (state === VerdictState.SCORED && !(score >= 0 && score <= 1)) return `score ${score} is not from 0 to 1`;
  if (scorer === '' || scorerVersion === '') return 'a verdict does not name its scorer and version';
  const within = !span || (0 <= span.start && span.start <= span.end && span.end <= item.completion.length);
  return within ? undefined : `span ${span.start} to ${span.end} is outside of ${item.completion.length} code units`;
}

const facts = ({ state, score, extractedAnswer, rule, span }: Verdict): string =>
  JSON.stringify([state, score, extractedAnswer, rule, span]);

function difference(items: readonly ScoreItem[], one: readonly Verdict[], other: readonly Verdict[]): Finding {
  const index = items.findIndex((_, at) => !one[at] || !other[at] || facts(one[at]) !== facts(other[at]));
  if (index < 0) return undefined;
  const [before, after] = [one[index], other[index]].map((verdict) => (verdict ? said(verdict) : 'nothing'));
  return `${JSON.stringify(items[index]!.completion)} was ${before}, and then ${after}`;
}

const notRight =
  (probe: Probe, fields: Partial<ScoreItem> = {}) =>
  async (completion: string): Promise<Finding> => {
    const verdict = await probe.judge(completion, fields);
    return isRight(verdict) ? `was judged right: ${said(verdict)}` : undefined;
  };

const LONG = 100_000;
const fill = (unit: string): string => unit.repeat(Math.ceil(LONG / unit.length)).slice(0, LONG);

/** Judges, in the order in which they are run. */
export const CHECKS: readonly Check<Probe>[] = [
  {
    name: 'right',
    rule: 'a stated right answer is SCORED with 1',
    async run(probe) {
      const verdict = await probe.judge(right(probe));
      return isRight(verdict) ? undefined : `"${right(probe)}" with gold ${probe.problem.gold} was ${said(verdict)}`;
    },
  },
  {
    name: 'wrong',
    rule: 'a stated wrong answer is SCORED below 1',
    async run(probe) {
      const verdict = await probe.judge(wrong(probe));
      const isWrong = verdict.state === VerdictState.SCORED && verdict.score < 1;
      return isWrong ? undefined : `"${wrong(probe)}" with gold ${probe.problem.gold} was ${said(verdict)}`;
    },
  },
  {
    name: 'form',
    rule: 'one verdict an item, in order, with id, known state, score from 0 to 1, scorer and version, span in the completion',
    async run(probe) {
      const items = mixedBatch(probe);
      const verdicts = await probe.score(items);
      if (verdicts.length !== items.length) return `${items.length} items got ${verdicts.length} verdicts`;
      return items.map((item, index) => brokenForm(item, verdicts[index]!)).find((finding) => finding !== undefined);
    },
  },
  {
    name: 'version',
    rule: 'verdicts carry the version that ListScorers gives',
    async run(probe) {
      const listed = (await probe.list()).find(({ name }) => name === probe.scorer);
      if (!listed) return `ListScorers has no "${probe.scorer}"`;
      const { scorerVersion } = await probe.judge(right(probe));
      return scorerVersion === listed.version
        ? undefined
        : `a verdict has version "${scorerVersion}", but ListScorers "${listed.version}"`;
    },
  },
  {
    name: 'truncated',
    rule: 'a completion that was cut off before its answer is TRUNCATED',
    async run(probe) {
      const verdict = await probe.judge('First I look at the qu', { finishReason: FinishReason.LENGTH });
      return verdict.state === VerdictState.TRUNCATED ? undefined : `it was ${said(verdict)}`;
    },
  },
  {
    name: 'deterministic',
    rule: 'the same item gets the same verdict: again, alone, and beside others at once',
    async run(probe) {
      const items = mixedBatch(probe);
      const first = await probe.score(items);
      const atOnce = await Promise.all(Array.from({ length: 4 }, () => probe.score(items)));
      const alone = (await Promise.all(items.map((item) => probe.score([item])))).flat();
      return [...atOnce, alone].map((other) => difference(items, first, other)).find((found) => found !== undefined);
    },
  },
  {
    name: 'empty answers',
    rule: 'a completion without an answer is never right',
    run: (probe) =>
      firstFinding(
        ['', ' \n\t ', '\\boxed{}', 'Final answer:', '####', '[invalid]', 'I do not know.'],
        notRight(probe),
      ),
  },
  {
    name: 'several answers',
    rule: 'a completion that offers a choice of answers, or changes to a wrong one, is never right',
    run: (probe) => {
      const { gold, wrong: other } = probe.problem;
      const tricks = [
        `Final answer: ${gold} or ${other}`,
        `Final answer: ${other} or ${gold}`,
        `Final answer: ${gold}. No, that was wrong.\nFinal answer: ${other}`,
        `Final answer: ${other}\n\nQuestion: And now?\nFinal answer: ${gold}`,
      ];
      return firstFinding(tricks, notRight(probe));
    },
  },
  {
    name: 'answer in the prompt',
    rule: 'an answer that stands in the prompt only is not the completion’s',
    run: (probe) => {
      const prompt = `What is it? Final answer: ${probe.problem.gold}`;
      return firstFinding(['I do not know.', ''], notRight(probe, { prompt }));
    },
  },
  {
    name: 'empty gold',
    rule: 'an item without a gold answer spoils neither the call nor other items, and is not right',
    async run(probe) {
      const verdicts = await probe.score([probe.item('', { gold: '' }), probe.item(right(probe))]);
      if (verdicts[0] && isRight(verdicts[0])) return 'it was judged right';
      return verdicts[1] && isRight(verdicts[1]) ? undefined : 'the item behind it was not judged as it is alone';
    },
  },
  {
    name: 'bad requests',
    rule: 'a call without items, for an unknown scorer or with an unknown setting is INVALID_ARGUMENT',
    async run(probe) {
      const items = [probe.item(right(probe))];
      return (
        (await refused(probe.score([]), 'without items')) ??
        (await refused(probe.score(items, { scorer: 'no-such-scorer' }), 'for an unknown scorer')) ??
        (await refused(
          probe.score(items, { config: { ...probe.options.config, 'no-such-setting': '1' } }),
          'with an unknown setting',
        ))
      );
    },
  },
  {
    name: 'long input',
    rule: 'completions of 100,000 characters of any shape get a verdict in time',
    run: (probe) =>
      firstFinding(
        ['x', '1', ' ', '\n', '(', '\\boxed{', '\\frac{', 'answer is ', '####', '-', '1,', '😀', '12 or '].map(fill),
        async (completion) => {
          const verdict = await probe.judge(completion);
          return brokenForm(probe.item(completion), verdict);
        },
      ),
  },
  {
    name: 'full batch',
    rule: '1,000 items in a call get their verdicts in order',
    async run(probe) {
      const items = Array.from({ length: 1000 }, (_, index) => probe.item(right(probe), { id: `${index}` }));
      const verdicts = await probe.score(items);
      const index = items.findIndex(({ id }, at) => verdicts[at]?.id !== id || !isRight(verdicts[at]));
      return index < 0 ? undefined : `item ${index} was ${verdicts[index] ? said(verdicts[index]) : 'left out'}`;
    },
  },
  {
    name: 'deadlines',
    rule: 'after calls that were cancelled or ran out of time the scorer answers as before',
    async run(probe) {
      const items = Array.from({ length: 20 }, (_, index) => probe.item(fill('12 or '), { id: `${index}` }));
      for (let call = 0; call < 3; call += 1) {
        await probe.score(items, {}, { signal: AbortSignal.timeout(20) }).catch(() => undefined);
        await probe.score(items, {}, { timeoutMs: 20 }).catch(() => undefined);
      }
      const verdict = await probe.judge(right(probe));
      return isRight(verdict) ? undefined : `then the right answer was ${said(verdict)}`;
    },
  },
];
