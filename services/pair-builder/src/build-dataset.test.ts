import {
  ApplyRuleRequest,
  ApplyRuleResponse,
  BuildDatasetRequest,
  CheckRuleRequest,
  Example,
  JudgedProblem,
  ListRulesResponse,
  messageOf,
  packFloat32,
  packInt32,
  PreferenceChoice,
  PreferenceGroup,
  Problem,
  ProblemComparisons,
  RuleOutput,
  RuleReport,
  RuleServiceService,
  Verdict,
  type BuiltDataset,
  type ListRulesRequest,
  type PartialMessage,
  type RowsRef,
  type RuleConfig,
} from '@hone/contracts';
import { HoneError, invalidArgument } from '@hone/errors';
import { bidiStream, callBidi, callServerStream, callUnary, startServer, unary } from '@hone/rpc';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { judged, RIGHT, startPairBuilder, WRONG } from './testing/server.ts';

let server: Awaited<ReturnType<typeof startPairBuilder>>;
beforeAll(async () => {
  server = await startPairBuilder();
});
afterAll(() => server.close());

/** What a sampler and a scorer left: a right and two wrong completions of each problem; of "p2" wrong ones alone. */
const judgedProblems = (count: number): JudgedProblem[] =>
  Array.from({ length: count }, (_, at) => {
    const verdicts = [at === 2 ? WRONG : RIGHT, WRONG, WRONG];
    const completions = verdicts.map((verdict, index) => judged(3 + index, verdict, index));
    return messageOf(JudgedProblem, { problemId: `p${at}`, promptTokenIds: packInt32([1, at]), completions });
  });

const problemOf = (id: string): Problem =>
  messageOf(Problem, {
    id,
    prompt: { id, content: { $case: 'text', value: `ask ${id}` } },
    gold: '4',
    solution: id === 'p1' ? '' : `solution of ${id}`,
  });

async function put(kind: string, rows: object[]): Promise<RowsRef> {
  const { digest, count } = await server.store.putJsonLines(rows);
  return { kind, version: 1, digest, count };
}

/** Stores problems as a run does, a further problem of the set between them; gives the references. */
async function stored(problems: readonly JudgedProblem[]) {
  const bare = problems.map((problem) => ({
    ...problem,
    completions: problem.completions.map(({ completion }) => ({ completion, verdict: undefined })),
  }));
  const verdicts = problems.flatMap(({ problemId, completions }) =>
    completions.map(({ completion, verdict }) => ({ ...verdict!, id: `${problemId}#${completion!.sampleIndex}` })),
  );
  const set = problems.flatMap(({ problemId }) => [problemOf(`not ${problemId}`), problemOf(problemId)]);
  const source = {
    completions: await put(
      'completions',
      bare.map((row) => JudgedProblem.toJSON(row) as object),
    ),
    verdicts: await put(
      'verdicts',
      verdicts.map((row) => Verdict.toJSON(row) as object),
    ),
  };
  const rows = set.map((row) => Problem.toJSON(row) as object);
  return { sources: [source], problems: await put('problems', rows) };
}

type Refs = Awaited<ReturnType<typeof stored>>;
type Source = Refs['sources'][number];

/** A request whose samples are changed; the change is told of the problems too. */
const changed =
  (change: (source: Source, problems: RowsRef) => Partial<Source>) =>
  ({ sources, problems }: Refs): PartialMessage<BuildDatasetRequest> => {
    const source = { ...sources[0]!, ...change(sources[0]!, problems) };
    return { rule: { name: 'cycle' }, sources: [source], problems };
  };

async function build(request: PartialMessage<BuildDatasetRequest>): Promise<BuiltDataset> {
  const messages = [];
  const call = callServerStream(server.builder, 'buildDataset', messageOf(BuildDatasetRequest, request));
  for await (const { message } of call) messages.push(message!);
  const last = messages.pop();
  expect(messages.every(({ $case }) => $case === 'progress')).toBe(true);
  if (last?.$case !== 'result') throw new Error('the last message must be the result');
  return last.value;
}

async function rowsOf<Row>(built: BuiltDataset): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of server.store.readJsonLines<Row>(built.dataset!.name.replace('datasets/', ''))) rows.push(row);
  return rows;
}

/** What the stream makes of the same problems. */
async function applied(problems: readonly JudgedProblem[], rule: string, seed: bigint): Promise<ApplyRuleResponse[]> {
  async function* requests() {
    yield messageOf(ApplyRuleRequest, { message: { $case: 'config', value: { rule, seed } } });
    for (const value of problems) yield messageOf(ApplyRuleRequest, { message: { $case: 'problem', value } });
  }
  const responses: ApplyRuleResponse[] = [];
  for await (const response of callBidi(server.rules, 'applyRule', requests())) responses.push(response);
  return responses;
}

describe('a dataset of stored rows', () => {
  it('has byte by byte what the stream of the rule gives, in the form that the trainer stores', async () => {
    const problems = judgedProblems(20);
    const { sources } = await stored(problems);
    const built = await build({ rule: { name: 'cycle' }, seed: 7n, sources });
    const groups = (await applied(problems, 'cycle', 7n)).flatMap(({ message }) =>
      message?.$case === 'group' ? [PreferenceGroup.toJSON(message.value) as object] : [],
    );
    const { digest } = await server.store.putJsonLines(groups);
    expect(built.dataset).toEqual({ name: `datasets/${digest}`, recordCount: 19, pairCount: 38 });
    expect(built.report).toMatchObject({ rule: 'cycle/1', problems: 20, problemsAllWrong: 1, pairs: 38 });
    expect(built.usage?.seconds).toBeGreaterThan(0);
  });

  it('is the same for the same request, whether the problems are told of or not', async () => {
    const refs = await stored(judgedProblems(9));
    const { sources } = refs;
    const request = { rule: { name: 'cycle', settings: { per_problem: 1 } }, seed: 3n };
    const first = await build({ ...request, ...refs });
    expect((await build({ ...request, sources })).dataset).toEqual(first.dataset);
    expect((await build({ ...request, ...refs, seed: 4n })).dataset).not.toEqual(first.dataset);
  });

  it('holds examples where the rule makes them', async () => {
    const { sources } = await stored(judgedProblems(4));
    const built = await build({ rule: { name: 'right-samples' }, sources });
    expect(built.dataset).toMatchObject({ recordCount: 3, pairCount: 0 });
    expect((await rowsOf<Example>(built)).map(({ id }) => id)).toEqual(['p0#0', 'p1#0', 'p3#0']);
  });

  it('is made of solutions alone where the rule needs no samples: of the sampled problems, or of all', async () => {
    const { sources, problems } = await stored(judgedProblems(3));
    const rule = { name: 'gold-solutions' };
    const { completions } = sources[0]!;
    const sampled = await build({ rule, sources: [{ completions }], problems });
    expect(await rowsOf(sampled)).toEqual([
      { id: 'p0', promptText: 'ask p0', completionText: 'solution of p0' },
      { id: 'p2', promptText: 'ask p2', completionText: 'solution of p2' },
    ]);
    expect(sampled.report).toMatchObject({ problems: 3, examples: 2, dropped: { without_solution: 1 } });
    expect((await build({ rule, problems })).report).toMatchObject({ problems: 6, examples: 5 });
  });

  it('that would be empty is none, which is no error', async () => {
    const { sources } = await stored(judgedProblems(3).slice(2));
    const built = await build({ rule: { name: 'cycle' }, sources });
    expect(built).toMatchObject({ dataset: undefined, report: { problems: 1, problemsAllWrong: 1, pairs: 0 } });
  });

  it('says of each pair which stage made it, and the report how many each did, and how long both sides are', async () => {
    const stages = [{ rule: 'hardest-negatives', per_problem: 1 }, { rule: 'cycle' }];
    const { sources } = await stored(judgedProblems(3));
    const built = await build({ rule: { name: 'combine', settings: { stages } }, sources });
    const groups = (await rowsOf<object>(built)).map((row) => PreferenceGroup.fromJSON(row));
    expect(groups.map(({ pairs }) => pairs.map(({ rule }) => rule))).toEqual([
      ['hardest-negatives', 'cycle'],
      ['hardest-negatives', 'cycle'],
    ]);
    expect(built.report).toMatchObject({
      ...{ rule: 'combine/1', pairs: 4, pairsByRule: { 'hardest-negatives': 2, cycle: 2 } },
      ...{ meanChosenTokens: 2, meanRejectedTokens: 2 },
      settings: {
        stages: [
          { rule: 'hardest-negatives', log_prob: 'sum' },
          { rule: 'cycle', per_problem: 10 },
        ],
      },
    });
    const broken = { stages: [{ rule: 'cycle' }, { rule: 'near-duplicates', threshold: 2 }] };
    await expect(build({ rule: { name: 'combine', settings: broken }, sources })).rejects.toMatchObject({
      violations: [{ field: 'rule.settings.stages[1].threshold' }],
    });
  });

  it('may choose the solution, which is text beside the tokens of samples', async () => {
    const { sources, problems } = await stored(judgedProblems(3));
    const built = await build({ rule: { name: 'gold-chains' }, sources, problems });
    const groups = (await rowsOf<object>(built)).map((row) => PreferenceGroup.fromJSON(row));
    // "p2" has wrong samples alone, and "p1" has no solution.
    const solutions = groups.map(({ completions }) =>
      completions.filter(({ text }) => text !== '').map(({ text }) => text),
    );
    expect(solutions).toEqual([['solution of p0'], [], ['solution of p2']]);
    const { completions, pairs } = groups[2]!;
    expect(completions.map(({ sampleIndex }) => sampleIndex)).toEqual([0, 1, 2, -1]);
    expect(completions[3]!.referenceLogProb).toBeUndefined();
    expect(pairs.map(({ chosen }) => chosen)).toEqual([3, 3, 3]);
    expect(built.report).toMatchObject({ dropped: { without_solution: 1 }, meanChosenTokens: 2 });
  });

  it('needs no verdicts for the solution over what was sampled', async () => {
    const { sources, problems } = await stored(judgedProblems(2));
    const [{ completions }] = sources as [Source];
    const built = await build({ rule: { name: 'spin' }, sources: [{ completions }], problems });
    expect(built.report).toMatchObject({ rule: 'spin/1', pairs: 1, completions: { correct: 0, wrong: 0 } });
    await expect(build({ rule: { name: 'spin' }, problems })).rejects.toMatchObject({
      violations: [{ field: 'sources' }],
    });
  });

  it('has at most so many pairs in all, spread over problems, of each those that the rule made first', async () => {
    const { sources } = await stored(judgedProblems(9));
    const request = { rule: { name: 'cycle' }, seed: 3n, sources };
    const all = (await rowsOf<object>(await build(request))).map((row) => PreferenceGroup.fromJSON(row));
    const built = await build({ ...request, most: 11 });
    const groups = (await rowsOf<object>(built)).map((row) => PreferenceGroup.fromJSON(row));
    expect(built).toMatchObject({
      dataset: { pairCount: 11 },
      report: { pairs: 11, problems: 9, dropped: { over_most: 5 } },
    });
    expect(groups.map(({ pairs }) => pairs.length).sort()).toEqual([1, 1, 1, 1, 1, 2, 2, 2]);
    const samplesOf = ({ completions, pairs }: PreferenceGroup) =>
      pairs.map(({ chosen, rejected }) => [chosen, rejected].map((at) => completions[at]!.sampleIndex));
    for (const group of groups) {
      const before = samplesOf(all.find(({ problemId }) => problemId === group.problemId)!);
      expect(samplesOf(group)).toEqual(before.slice(0, group.pairs.length));
    }
    expect((await build({ ...request, most: 11 })).dataset).toEqual(built.dataset);
    const examples = await build({ rule: { name: 'right-samples' }, sources, most: 3 });
    expect(examples).toMatchObject({ dataset: { recordCount: 3 }, report: { examples: 3, dropped: { over_most: 5 } } });
  });

  it('takes in samples of earlier iterations, whose log-probs are not those of the reference', async () => {
    const [latest, earlier] = [await stored(judgedProblems(4)), await stored(judgedProblems(3))];
    const sources = [...latest.sources, ...earlier.sources];
    const built = await build({ rule: { name: 'cycle' }, seed: 1n, sources });
    const groups = (await rowsOf<object>(built)).map((row) => PreferenceGroup.fromJSON(row));
    expect(groups.map(({ problemId, source }) => `${source} ${problemId}`)).toEqual([
      '0 p0',
      '0 p1',
      '0 p3',
      '1 p0',
      '1 p1',
    ]);
    const known = groups.map(({ completions }) => completions.every((it) => it.referenceLogProb !== undefined));
    expect(known).toEqual([true, true, true, false, false]);
    const alone = await rowsOf(await build({ rule: { name: 'cycle' }, seed: 1n, sources: latest.sources }));
    expect((await rowsOf<object>(built)).slice(0, 3)).toEqual(alone);
    expect(built.report).toMatchObject({ problems: 7, problemsUsed: 5, problemsAllWrong: 2, pairs: 10 });
  });

  it.each<[string, (refs: Refs) => PartialMessage<BuildDatasetRequest>]>([
    ['rule.name', (refs) => refs],
    ['rule.name', (refs) => ({ ...refs, rule: { name: 'no-such' } })],
    ['rule.settings.per_problem', (refs) => ({ ...refs, rule: { name: 'cycle', settings: { per_problem: 0 } } })],
    ['rule.address', (refs) => ({ ...refs, rule: { name: 'cycle', address: 'rules.example:443' } })],
    ['rule.address', (refs) => ({ ...refs, rule: { name: 'cycle', address: 'unix:/tmp/x' } })],
    ['rule.tls', (refs) => ({ ...refs, rule: { name: 'cycle', tls: {} } })],
    ['sources', () => ({ rule: { name: 'cycle' } })],
    [
      'sources[0].verdicts',
      (refs) => ({ rule: { name: 'cycle' }, sources: [{ completions: refs.sources[0]!.completions }] }),
    ],
    ['sources[0].comparisons', (refs) => ({ ...refs, rule: { name: 'majority' } })],
    [
      'sources[0].completions',
      (refs) => ({ ...refs, rule: { name: 'gold-solutions' }, sources: [{ verdicts: refs.sources[0]!.verdicts }] }),
    ],
    ['problems', ({ sources }) => ({ rule: { name: 'gold-solutions' }, sources })],
    ['sources[0].completions.kind', changed(({ verdicts }) => ({ completions: verdicts }))],
    ['sources[0].verdicts.version', changed(({ verdicts }) => ({ verdicts: { ...verdicts, version: 2 } }))],
    ['sources[0].verdicts.digest', changed(({ verdicts }) => ({ verdicts: { ...verdicts, digest: '../x' } }))],
    ['verdicts', changed(({ verdicts }, { digest }) => ({ verdicts: { ...verdicts, digest } }))],
    ['completions', changed(({ completions, verdicts: { digest } }) => ({ completions: { ...completions, digest } }))],
    ['most', (refs) => ({ ...refs, rule: { name: 'cycle' }, most: -1 })],
    [
      'problems',
      (refs) => ({
        ...refs,
        rule: { name: 'cycle' },
        problems: { ...refs.problems, digest: refs.sources[0]!.completions.digest },
      }),
    ],
  ])('is refused where the request cannot be meant: %s', async (field, request) => {
    const refs = await stored(judgedProblems(2));
    await expect(build(request(refs))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
  });

  describe('of what people said', () => {
    const { A, B, TIE } = PreferenceChoice;
    /** Three sampled problems, and what was said of some: by problem, the sample indices of A and B, and the choices. */
    async function compared(said: readonly (readonly [string, number, number, ...PreferenceChoice[]])[]) {
      const { sources, problems } = await stored(judgedProblems(3));
      const rows = said.map(([problemId, a, b, ...choices]) => {
        const judgements = choices.map((choice, index) => ({ annotator: `annotator ${index}`, choice }));
        return ProblemComparisons.toJSON(
          messageOf(ProblemComparisons, { problemId, comparisons: [{ a, b, judgements }] }),
        ) as object;
      });
      const comparisons = await put('comparisons', rows);
      return { rule: { name: 'majority' }, sources: [{ completions: sources[0]!.completions, comparisons }], problems };
    }

    it('pairs are what most chose, by sample index, of problems that were asked about', async () => {
      const built = await build(
        await compared([
          ['p0', 2, 0, B, B, A],
          ['p2', 1, 2, A, TIE],
        ]),
      );
      const groups = (await rowsOf<object>(built)).map((row) => PreferenceGroup.fromJSON(row));
      expect(groups.map(({ problemId }) => problemId)).toEqual(['p0']);
      const [{ completions, pairs }] = groups as [PreferenceGroup];
      expect(pairs.map(({ chosen, rejected }) => [chosen, rejected].map((at) => completions[at]!.sampleIndex))).toEqual(
        [[0, 2]],
      );
      expect(built.report).toMatchObject({ problems: 3, problemsUsed: 1, problemsEmpty: 2, dropped: { disputed: 1 } });
    });

    it.each<[string, readonly (readonly [string, number, number, ...PreferenceChoice[]])[]]>([
      [
        'comparisons',
        [
          ['p2', 0, 1, A],
          ['p0', 0, 1, A],
        ],
      ],
      ['comparisons', [['p7', 0, 1, A]]],
      ['problem.comparisons[0].b', [['p0', 0, 9, A]]],
      ['problem.comparisons[0].b', [['p0', 1, 1, A]]],
      ['problem.comparisons[0].judgements[0].choice', [['p0', 0, 1, PreferenceChoice.UNSPECIFIED]]],
    ])('rows that do not fit the completions are refused: %s', async (field, said) => {
      await expect(build(await compared(said))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        violations: [{ field }],
      });
    });
  });

  it('of rows that are not there is an error that names them', async () => {
    const refs = await stored(judgedProblems(2));
    const digest = '0'.repeat(64);
    const [{ completions, verdicts }] = refs.sources as [Source];
    const sources = [{ verdicts, completions: { ...completions, digest } }];
    const gone = build({ ...refs, rule: { name: 'cycle' }, sources });
    await expect(gone).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(digest) });
  });
});

/** How a server of rules answers. */
interface Behaviour {
  check(config: RuleConfig): void;
  answers(
    problems: AsyncIterable<JudgedProblem>,
  ): AsyncIterable<PartialMessage<NonNullable<ApplyRuleResponse['message']>>>;
  produces: RuleOutput;
}

const pairOf = ({ problemId, promptTokenIds, completions }: JudgedProblem, [chosen, rejected] = [0, 1]) => {
  const used = [chosen!, rejected!].map((index) => completions[index]!.completion!);
  const named = used.map(({ sampleIndex, tokenIds }) => ({ sampleIndex, tokenIds, text: '' }));
  return { problemId, promptTokenIds, completions: named, pairs: [{ chosen: 0, rejected: 1 }] };
};
const reportOf = (problems: number, pairs: number, examples = 0) => ({
  $case: 'report' as const,
  value: { rule: 'mine/3', problems, pairs, examples, settings: { margin: 1 } },
});

/** First over second, of every problem but one. */
async function* firstOverSecond(problems: AsyncIterable<JudgedProblem>) {
  let [count, pairs] = [0, 0];
  for await (const problem of problems) {
    count += 1;
    if (problem.problemId === 'p2') continue;
    pairs += 1;
    yield { $case: 'group' as const, value: pairOf(problem) };
  }
  yield reportOf(count, pairs);
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(changed: Partial<Behaviour>): Promise<string> {
  const behaviour: Behaviour = {
    check: () => {},
    answers: firstOverSecond,
    produces: RuleOutput.PAIRS,
    ...changed,
  };
  const applyRule = bidiStream(async function* (requests: AsyncIterable<ApplyRuleRequest>) {
    const messages = requests[Symbol.asyncIterator]();
    const first = (await messages.next()).value as ApplyRuleRequest;
    if (first.message?.$case === 'config') behaviour.check(first.message.value);
    async function* problems() {
      for (let next = await messages.next(); !next.done; next = await messages.next())
        if (next.value.message?.$case === 'problem') yield next.value.message.value;
    }
    for await (const message of behaviour.answers(problems())) yield messageOf(ApplyRuleResponse, { message });
  });
  const rule = { name: 'mine', version: 3, produces: behaviour.produces, needs: { verdicts: true, solutions: false } };
  const listRules = unary(async (_: ListRulesRequest) => messageOf(ListRulesResponse, { rules: [rule] }));
  const services = [{ definition: RuleServiceService, implementation: { applyRule, listRules } }];
  const own = await startServer({ address: '127.0.0.1:0', services });
  closing.push(() => own.close(10));
  return own.address;
}

describe("somebody's rule", () => {
  it('chooses, and the dataset is made of the stored completions with their log-probs', async () => {
    const address = await serve({});
    const built = await build({ rule: { name: 'mine', address }, ...(await stored(judgedProblems(50))) });
    expect(built.dataset).toMatchObject({ recordCount: 49, pairCount: 49 });
    expect(built.report).toMatchObject({ rule: 'mine/3', problems: 50, pairs: 49, settings: { margin: 1 } });
    const [group] = (await rowsOf<object>(built)).map((row) => PreferenceGroup.fromJSON(row));
    expect(group!.completions.map(({ referenceLogProb }) => referenceLogProb)).toEqual([-1.25, -1.5]);
  });

  it('is told of its settings and the seed, and of gold answers where the problems are', async () => {
    let told: RuleConfig | undefined;
    const golds: (string | undefined)[] = [];
    const address = await serve({
      check: (config) => (told = config),
      async *answers(problems) {
        for await (const { problem } of problems) golds.push(problem?.gold);
        yield reportOf(golds.length, 0);
      },
    });
    const rule = { name: 'mine', address, settings: { margin: 2, kind: 'x' } };
    const built = await build({ rule, seed: 9n, ...(await stored(judgedProblems(2))) });
    expect(told).toMatchObject({ rule: 'mine', seed: 9n, settings: { margin: 2, kind: 'x' } });
    expect(golds).toEqual(['4', '4']);
    expect(built.dataset).toBeUndefined();
  });

  it.each<[string, RegExp, Partial<Behaviour>]>([
    [
      'invents tokens',
      /other tokens for sample 0/,
      changing((group) => (group.completions[0]!.tokenIds = packInt32([9]))),
    ],
    ['invents a prompt', /other tokens for the prompt/, changing((group) => (group.promptTokenIds = packInt32([9])))],
    ['invents a sample', /sample 77 of "p0"/, changing((group) => (group.completions[1]!.sampleIndex = 77))],
    ['invents a problem', /problem "x"/, changing((group) => (group.problemId = 'x'))],
    ['takes a completion twice', /twice/, changing((group) => (group.completions[1] = { ...group.completions[0]! }))],
    ['pairs beyond the end', /is no group/, changing((group) => (group.pairs[0]!.rejected = 2))],
    ['pairs one with itself', /is no group/, changing((group) => (group.pairs[0]!.rejected = 0))],
    ['answers for a problem twice', /twice/, answering((groups) => [groups[0]!, groups[0]!, groups[1]!])],
    ['answers out of order', /problem "p0"/, answering((groups) => groups.toReversed())],
    ['miscounts', /reports pairs 2, but it is 1/, answering((groups) => groups.slice(0, 1))],
    ['gives pairs as examples', /which it does not list/, { produces: RuleOutput.EXAMPLES }],
    ['lists no output', /does not list/, { produces: RuleOutput.UNSPECIFIED }],
    ['ends without a report', /without a report/, { answers: async function* () {} }],
    [
      'calls itself otherwise',
      /reports rule other/,
      {
        answers: async function* () {
          yield { $case: 'report', value: { rule: 'other/1', problems: 2 } };
        },
      },
    ],
  ])('that %s is refused', async (_, message, changed) => {
    const address = await serve(changed);
    const building = build({ rule: { name: 'mine', address }, ...(await stored(judgedProblems(2))) });
    await expect(building).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'BAD_RULE' });
    await expect(build({ rule: { name: 'mine', address }, ...(await stored(judgedProblems(2))) })).rejects.toThrow(
      message,
    );
  });

  it.each<[string, RegExp | undefined, (problem: JudgedProblem) => PartialMessage<Example>]>([
    ['a sample', undefined, (problem) => exampleOf(problem)],
    ['the solution', undefined, () => ({ id: 'p0', promptText: 'ask p0', completionText: 'solution of p0' })],
    ['other tokens', /other tokens/, (problem) => ({ ...exampleOf(problem), completionTokenIds: packInt32([7]) })],
    ['a sample that is none', /sample 9/, (problem) => ({ ...exampleOf(problem), id: 'p0#9' })],
    ['an example without a number', /is of no completion/, (problem) => ({ ...exampleOf(problem), id: 'p0' })],
    ['another solution', /other texts/, () => ({ id: 'p0', promptText: 'ask p0', completionText: 'guess' })],
  ])('may give as an example what the problem has: %s', async (_, message, make) => {
    const address = await serve({
      produces: RuleOutput.EXAMPLES,
      async *answers(problems) {
        for await (const problem of problems) yield { $case: 'example', value: make(problem) };
        yield reportOf(1, 0, 1);
      },
    });
    const building = build({ rule: { name: 'mine', address }, ...(await stored(judgedProblems(1))) });
    if (message) await expect(building).rejects.toThrow(message);
    else expect((await building).dataset).toMatchObject({ recordCount: 1, pairCount: 0 });
  });

  it.each<[string, RegExp | undefined, RuleOutput, number | undefined]>([
    ['finite', undefined, RuleOutput.ADVANTAGES, -0.5],
    ['not finite', /the advantage Infinity/, RuleOutput.ADVANTAGES, Infinity],
    ['of a rule that makes examples', /gives advantages, which it does not list/, RuleOutput.EXAMPLES, 1],
    ['missing', /gives examples, which it does not list/, RuleOutput.ADVANTAGES, undefined],
  ])('may give a sample an advantage: %s', async (_, message, produces, advantage) => {
    const address = await serve({
      produces,
      async *answers(problems) {
        for await (const problem of problems)
          yield { $case: 'example', value: { ...exampleOf(problem), ...(advantage !== undefined && { advantage }) } };
        yield reportOf(1, 0, 1);
      },
    });
    const building = build({ rule: { name: 'mine', address }, ...(await stored(judgedProblems(1))) });
    if (message) return expect(building).rejects.toThrow(message);
    expect(await rowsOf<object>(await building)).toMatchObject([{ id: 'p0#1', advantage }]);
  });

  it('has a limit in all too, for which it is asked twice', async () => {
    const rule = { name: 'mine', address: await serve({}) };
    const built = await build({ rule, seed: 1n, most: 20, ...(await stored(judgedProblems(50))) });
    expect(built).toMatchObject({
      dataset: { pairCount: 20 },
      report: { problems: 50, pairs: 20, dropped: { over_most: 29 } },
    });
    const again = await build({ rule, seed: 1n, most: 20, ...(await stored(judgedProblems(50))) });
    expect(again.dataset).toEqual(built.dataset);
  });

  it('may choose the solution of a problem, as it is', async () => {
    const choosing = (text: string): Partial<Behaviour> =>
      changing(
        (group) =>
          (group.completions[0] = { ...group.completions[0]!, text, sampleIndex: -1, tokenIds: Buffer.alloc(0) }),
      );
    const request = async (text: string) =>
      build({ rule: { name: 'mine', address: await serve(choosing(text)) }, ...(await stored(judgedProblems(2))) });
    const [group] = (await rowsOf<object>(await request('solution of p0'))).map((row) => PreferenceGroup.fromJSON(row));
    expect(group!.completions[0]).toMatchObject({ text: 'solution of p0', sampleIndex: -1 });
    await expect(request('guess')).rejects.toThrow(/another text for the solution of "p0"/);
  });

  it('that says what is wrong with its settings is heard in the terms of the request', async () => {
    const address = await serve({
      check: () => {
        throw invalidArgument('config.settings.margin', 'must be small');
      },
    });
    await expect(check({ name: 'mine', address })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: [{ field: 'rule.settings.margin', description: 'must be small' }],
    });
  });

  it('that goes away while a dataset is built is UNAVAILABLE, so that the call is made again', async () => {
    const address = await serve({
      // eslint-disable-next-line require-yield
      async *answers() {
        throw HoneError.received({ code: 'UNAVAILABLE', reason: 'GONE', message: 'gone' });
      },
    });
    const building = build({ rule: { name: 'mine', address }, ...(await stored(judgedProblems(2))) });
    await expect(building).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

const exampleOf = ({ problemId, promptTokenIds, completions }: JudgedProblem): PartialMessage<Example> => ({
  id: `${problemId}#1`,
  promptTokenIds,
  completionTokenIds: completions[1]!.completion!.tokenIds,
});

type Group = ReturnType<typeof pairOf>;

/** First over second, with what `change` makes of the groups of both problems. */
function answering(change: (groups: Group[]) => Group[]): Partial<Behaviour> {
  return {
    async *answers(problems) {
      const groups: Group[] = [];
      for await (const problem of problems) groups.push(pairOf(problem));
      for (const value of change(groups)) yield { $case: 'group', value };
      yield reportOf(groups.length, groups.length);
    },
  };
}

const changing = (change: (group: Group) => void): Partial<Behaviour> =>
  answering((groups) => {
    change(groups[0]!);
    return groups;
  });

const check = (rule: PartialMessage<CheckRuleRequest>['rule']) =>
  callUnary(server.builder, 'checkRule', messageOf(CheckRuleRequest, { rule }));

describe('checking a rule', () => {
  it('says what it is and which settings it would have', async () => {
    expect(await check({ name: 'cycle', settings: { per_problem: 3 } })).toMatchObject({
      rule: { name: 'cycle', version: 1, produces: RuleOutput.PAIRS },
      settings: { per_problem: 3, unscorable: 'loser', truncated_lose: false },
    });
    expect(
      await check({
        name: 'mine',
        address: await serve({
          answers: async function* () {
            yield reportOf(0, 0);
          },
        }),
      }),
    ).toMatchObject({
      rule: { name: 'mine', version: 3 },
      settings: { margin: 1 },
    });
  });

  it('names every setting that it does not take', async () => {
    await expect(check({ name: 'cycle', settings: { per_problem: 0, a: 1 } })).rejects.toMatchObject({
      violations: [{ field: 'rule.settings.per_problem' }, { field: 'rule.settings.a' }],
    });
    await expect(check({ name: 'x', address: await serve({}) })).rejects.toMatchObject({
      violations: [{ field: 'rule.name', description: expect.stringContaining('mine') }],
    });
  });

  it('finds out that nobody listens, or somebody else', async () => {
    for (const address of ['127.0.0.1:1', await startElse()])
      await expect(check({ name: 'mine', address })).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'RULE_UNREACHABLE',
        violations: [{ field: 'rule.address' }],
      });
  });
});

async function startElse(): Promise<string> {
  const other = await startServer({ address: '127.0.0.1:0', services: [] });
  closing.push(() => other.close(10));
  return other.address;
}

it('a completion without log-probs leaves its reference log-prob to the trainer, whoever chose it', async () => {
  const [problem] = judgedProblems(1);
  problem!.completions[0]!.completion!.logProbs = packFloat32([]);
  const address = await serve({});
  const built = await build({ rule: { name: 'mine', address }, ...(await stored([problem!])) });
  const [group] = (await rowsOf<object>(built)).map((row) => PreferenceGroup.fromJSON(row));
  expect(group!.completions[0]!.referenceLogProb).toBeUndefined();
  expect(RuleReport.toJSON(built.report!)).toMatchObject({ pairs: 1 });
});
