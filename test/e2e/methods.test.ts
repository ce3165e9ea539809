/** Every recipe that comes with Hone, at toy size, over real services: it runs to its end, and to the same bytes where its orchestrator dies. */
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  GetRunRequest,
  JudgedProblem,
  ListSamplesRequest,
  PauseRunRequest,
  Problem,
  ResumeRunRequest,
  resultOf,
  RunSpec,
  RunState,
  StepKind,
  Verdict,
  VerdictState,
  type Iteration,
  type Run,
} from '@hone/contracts';
import { callClientStream, callServerStream, callUnary } from '@hone/rpc';
import { findRecipe, RECIPES, type Recipe } from '@hone/recipes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choiceOf, judgeNext, seatAnnotators } from './annotators.ts';
import { TestHome } from './home.ts';
import { startPlatform, type Platform } from './platform.ts';
import { JUDGE, knownSums, LIKED_FROM, NEW_PROMPTS, threeTasks } from './self-judging.ts';
import { demonstrations, essence, modelRequest, problems, runSpec } from './sums.ts';

let platform: Platform;
let spec: RunSpec;

/** The sums with their solutions, which some recipes train on. */
const solved = (): Problem[] => problems().map((problem) => ({ ...problem, solution: `#### ${problem.gold}` }));

async function* messages<Item, Message>(items: Item[], message: (item: Item) => Message): AsyncGenerator<Message> {
  for (const item of items) yield message(item);
}

beforeAll(async () => {
  platform = await startPlatform();
  const { name: checkpoint } = await callUnary(platform.trainer, 'initializeCheckpoint', modelRequest());
  const { name: problemSet } = await callClientStream(
    platform.uploads,
    'uploadProblemSet',
    messages(solved(), (problem) => ({ problem })),
  );
  const { name: dataset } = await callClientStream(
    platform.uploads,
    'uploadDataset',
    messages(demonstrations(), (value) => ({ record: { $case: 'example' as const, value } })),
  );
  spec = runSpec({ checkpoint, problemSet, dataset });
  // What all start from, so that none has a warm-up of its own.
  const warm = await finish((await create({ ...spec, settings: { ...spec.settings, iterations: 1 } })).name);
  spec = { ...spec, baseCheckpoint: warm.iterations[0]!.checkpoint };
}, 180_000);

afterAll(async () => {
  expect(await platform.stop()).toEqual([0, 0, 0, 0, 0, 0]);
});

const create = (of: RunSpec, { validateOnly = false } = {}): Promise<Run> =>
  callUnary(platform.orchestrator, 'createRun', { requestId: '', spec: of, validateOnly });

/** Watches a run to its end. */
async function finish(name: string): Promise<Run> {
  const events = callServerStream(platform.orchestrator, 'watchRun', { name, afterEvent: 0n });
  while (!(await events.next()).done);
  const run = await callUnary(platform.orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));
  expect([run.error, run.state]).toEqual(['', RunState.SUCCEEDED]);
  return run;
}

/** Kills the orchestrator when a step of a run has begun. */
async function crashIn(name: string, iteration: number, step: string): Promise<void> {
  const events = callServerStream(platform.orchestrator, 'watchRun', { name, afterEvent: 0n });
  for await (const { event, ...at } of events)
    if (at.iteration === iteration && at.step === step && event?.$case === 'stepStarted') break;
  await platform.crashOrchestrator();
}

/** The rows that a step of an iteration stored. */
async function rowsOf<Row = unknown>({ steps }: Iteration, step: string, use: string): Promise<Row[]> {
  const store = await ArtifactStore.open(path.join(platform.folder, 'store'));
  const rows: Row[] = [];
  const { digest } = steps.find(({ name }) => name === step)!.artifacts[use]!;
  for await (const row of store.readJsonLines<Row>(digest)) rows.push(row);
  return rows;
}

/** Settings of a toy, of which a recipe has those that it knows. */
const TOY: Readonly<Record<string, unknown>> = {
  iterations: 2,
  problems_per_iteration: 20,
  samples_per_problem: 6,
  sampling: { temperature: 1, max_tokens: 6 },
  pairs: { per_problem: 2, truncated_lose: true },
  // Behind an answer and its problem the toy says another answer, which is read as the points.
  judge: { template: '{completion} {problem}', format: 'text', label: '', points: 18, max_tokens: 6 },
  fine_tuning: { learning_rate: 1e-3, batch_size: 16 },
  training: { learning_rate: 1e-3, batch_size: 16 },
  evaluation: { greedy: true, max_tokens: 6 },
};

/** What a recipe has in place of that. */
const TOY_OF: Readonly<Record<string, object>> = {
  'human-feedback': { pairs: {}, feedback: { annotators_per_item: 2 } },
};

const specOf = ({ name, settings }: Recipe): RunSpec => ({
  ...spec,
  recipe: name,
  settings: {
    ...Object.fromEntries(Object.entries(TOY).filter(([key]) => key in settings.shape)),
    ...TOY_OF[name],
  },
});

describe.each(RECIPES)('$name', (recipe) => {
  it('takes its presets, also what they say to the dataset rules', async () => {
    for (const { name: preset, settings } of recipe.presets!) {
      // The toy's context is 32 tokens.
      const short = { sampling: { max_tokens: 6 }, evaluation: { max_tokens: 6 } };
      const given = Object.fromEntries(Object.entries(short).filter(([key]) => key in recipe.settings.shape));
      const stated = { ...spec, recipe: recipe.name, preset, settings: given };
      const { spec: effective } = await create(stated, { validateOnly: true });
      const said = Object.fromEntries(Object.entries(settings).filter(([key]) => !(key in short)));
      expect([preset, effective]).toMatchObject([preset, { preset: '', settings: said }]);
    }
  });

  let sendHome: () => Promise<void> = async () => undefined;
  beforeAll(() => void (sendHome = seatAnnotators(platform, ['ann', 'bob'])));
  afterAll(() => sendHome());

  it('ends with a trained model, and with the same bytes where the orchestrator is killed in its last training', async () => {
    const undisturbed = await finish((await create(specOf(recipe))).name);
    const last = undisturbed.iterations.at(-1)!;
    expect(resultOf(last, 'train')!.checkpoint!.name).toBe(last.checkpoint);
    expect(new Set(undisturbed.iterations.map(({ checkpoint }) => checkpoint)).size).toBe(last.index + 1);
    const { name } = await create(specOf(recipe));
    await crashIn(name, last.index, 'train');
    expect(essence(await finish(name))).toEqual(essence(undisturbed));
  }, 180_000);
});

describe('irpo with a curriculum', () => {
  it('draws by what it solved before, and the same where the orchestrator is killed while it does', async () => {
    const irpo = specOf(findRecipe('irpo'));
    const curriculum = { always_solved: { weight: 0.5 }, never_solved: { samples_per_problem: 9 } };
    const given = { ...irpo, settings: { ...irpo.settings, problems_per_iteration: 40, curriculum } };
    const undisturbed = await finish((await create(given)).name);
    const { samples, problems, curriculum: known } = resultOf(undisturbed.iterations[2]!, 'sample')!;
    // Of the hundred problems a look saw forty.
    expect(known!.alwaysSolved + known!.neverSolved).toBeGreaterThan(0);
    expect(known!.alwaysSolved + known!.neverSolved).toBeLessThanOrEqual(40);
    expect(samples).toBe(6 * problems + 3 * known!.neverSolvedDrawn);
    const { name } = await create(given);
    for await (const { iteration, step, event } of callServerStream(platform.orchestrator, 'watchRun', {
      name,
      afterEvent: 0n,
    }))
      if (iteration === 2 && step === 'sample' && event?.$case === 'stepStarted') break;
    await platform.crashOrchestrator();
    expect(essence(await finish(name))).toEqual(essence(undisturbed));
  }, 60_000);
});

describe('people who are asked', () => {
  const asked = findRecipe('human-feedback');
  const settings = { iterations: 1, problems_per_iteration: 12, feedback: {} };
  const home = new TestHome();
  afterAll(() => home.remove());

  interface Item {
    readonly item: string;
    readonly run: string;
    readonly problem: string;
    readonly a: string;
    readonly b: string;
  }
  const feedback = <Document>(...args: string[]): Promise<Document> =>
    home.ask('--server', platform.server, 'feedback', ...args);

  /** Watches a run until people are asked something. */
  async function untilAsked(name: string): Promise<void> {
    for await (const { kind, event } of callServerStream(platform.orchestrator, 'watchRun', { name, afterEvent: 0n }))
      if (kind === StepKind.FEEDBACK && event?.$case === 'progress') {
        expect(event.value).toMatchObject({ done: 0n, unit: 'comparisons judged by people' });
        return;
      }
  }

  it('are waited for over a crash and a pause, and what they say makes the same bytes', async () => {
    const small = { ...specOf(asked), settings: { ...specOf(asked).settings, ...settings } };
    const { name: first } = await create(small);
    const sendHome = seatAnnotators(platform, ['ann'], first);
    const undisturbed = await finish(first);
    await sendHome();
    const { items, judged: all } = resultOf(undisturbed.iterations[1]!, 'feedback')!.progress!;
    expect(all).toBe(items);
    const { name } = await create(small);
    await untilAsked(name);
    const by = ['--annotator', 'ann'];
    const { item } = await feedback<{ item: Item }>('next', '--run', name, ...by);
    expect(item.run).toBe(name);
    const choice = choiceOf({ problemId: item.problem, aText: item.a, bText: item.b });
    const said = ['submit', item.item, '--choice', choice.replace('PREFERENCE_CHOICE_', '').toLowerCase(), ...by];
    const judged = await feedback(...said);
    await platform.crashOrchestrator();
    expect(await feedback(...said)).toEqual(judged);
    expect(await feedback('progress', name)).toMatchObject({ items, judged: 1, judgements: 1, annotators: 1 });
    const paused = await callUnary(platform.orchestrator, 'pauseRun', PauseRunRequest.fromPartial({ name }));
    expect(paused.state).toBe(RunState.PAUSED);
    await judgeNext(platform, 'ann', name);
    await callUnary(platform.orchestrator, 'resumeRun', ResumeRunRequest.fromPartial({ name }));
    while (await judgeNext(platform, 'ann', name));
    expect(essence(await finish(name))).toBe(essence(undisturbed));
  }, 120_000);
});

describe('star with rationalisation', () => {
  it('draws what it failed at with a hint, which stands in nothing that it trains on', async () => {
    const star = specOf(findRecipe('star'));
    const settings = { ...star.settings, iterations: 1, rationalisation: { hint: '#### {answer} ' } };
    const { iterations } = await finish((await create({ ...star, settings })).name);
    type Sampled = { readonly problemId: string; readonly promptTokenIds: string };
    type Judged = { readonly id: string; readonly score?: number };
    const first = new Map(
      (await rowsOf<Sampled>(iterations[1]!, 'sample', 'completions')).map((row) => [row.problemId, row]),
    );
    const solved = (await rowsOf<Judged>(iterations[1]!, 'score', 'verdicts')).filter(({ score = 0 }) => score >= 1);
    const isSolved = new Set(solved.map(({ id }) => id.split('#')[0]));
    const rationalised = await rowsOf<Sampled>(iterations[1]!, 'rationalise', 'completions');
    expect(rationalised.map(({ problemId }) => problemId).sort()).toEqual(
      [...first.keys()].filter((id) => !isSolved.has(id)).sort(),
    );
    expect(rationalised.length).toBeGreaterThan(0);
    for (const { problemId, promptTokenIds } of rationalised)
      expect(promptTokenIds).toBe(first.get(problemId)!.promptTokenIds);
  }, 60_000);
});

describe('self-rewarding with a model that has learned to judge and to write', () => {
  let undisturbed: Run;
  beforeAll(async () => {
    const [base, problemSet, dataset] = await Promise.all([
      callUnary(platform.trainer, 'initializeCheckpoint', modelRequest()),
      callClientStream(
        platform.uploads,
        'uploadProblemSet',
        messages(knownSums(), (problem) => ({ problem })),
      ),
      callClientStream(
        platform.uploads,
        'uploadDataset',
        messages(threeTasks(), (value) => ({ record: { $case: 'example' as const, value } })),
      ),
    ]);
    const own = specOf(findRecipe('self-rewarding'));
    const warm = { learning_rate: 1e-2, epochs: 8, batch_size: 20 };
    const { name } = await create({
      ...own,
      ...{ baseCheckpoint: base.name, trainProblemSet: problemSet.name, problemsPerShard: 7 },
      settings: {
        ...own.settings,
        warm_up: [{ dataset: dataset.name, training: warm }],
        ...{ judge: JUDGE, new_prompts: NEW_PROMPTS, pairs: {} },
      },
    });
    undisturbed = await finish(name);
  }, 120_000);

  const share = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number =>
    items.filter(holds).length / items.length;

  /** The numbers that an iteration sampled, and the points that they got, 0 to 1. */
  async function answersOf(iteration: Iteration): Promise<{ readonly answer: number; readonly score: number }[]> {
    const sampled = await rowsOf(iteration, 'sample', 'completions');
    const verdicts = (await rowsOf(iteration, 'score', 'verdicts')).map((row) => Verdict.fromJSON(row));
    expect(share(verdicts, ({ state }) => state === VerdictState.SCORED)).toBeGreaterThan(0.95);
    const completions = sampled.flatMap((row) => JudgedProblem.fromJSON(row).completions);
    return completions.map(({ completion }, at) => ({
      answer: Number(/\d+/.exec(completion!.text)?.[0]),
      score: verdicts[at]!.score,
    }));
  }

  it('judges as it has learned to, and says more often what it likes', async () => {
    const [, first, second] = undisturbed.iterations;
    const [before, after] = [await answersOf(first!), await answersOf(second!)];
    const asLearned = share(before, ({ answer, score }) => score > 0.5 === answer >= LIKED_FROM);
    expect(asLearned).toBeGreaterThan(0.75);
    const liked = ({ answer }: { readonly answer: number }): boolean => answer >= LIKED_FROM;
    expect(share(after, liked)).toBeGreaterThan(share(before, liked));
  });

  it('samples on problems of its own behind those that are drawn, and lists them', async () => {
    const [, first] = undisturbed.iterations;
    const { asked, problems: written, repeated, truncated, empty } = resultOf(first!, 'write')!;
    expect([asked, written + repeated + truncated + empty]).toEqual([NEW_PROMPTS.count, NEW_PROMPTS.count]);
    const rows = (await rowsOf(first!, 'write', 'problems')).map((row) => Problem.fromJSON(row));
    const own = rows.slice(20);
    expect([rows.length, own.length > 0]).toEqual([20 + written, true]);
    for (const { id, gold, prompt } of own) {
      expect([id, gold, prompt!.id]).toEqual([expect.stringMatching(/^write-1-\d+$/), '', id]);
      // The left sides below 7 are known.
      expect(prompt!.content?.value).toMatch(/^add (?![0-6] \d$)/);
    }
    const sampled = await rowsOf<{ readonly problemId: string }>(first!, 'sample', 'completions');
    expect(sampled.map(({ problemId }) => problemId)).toEqual(rows.map(({ id }) => id));
    const request = { run: undisturbed.name, iteration: 1, problemId: own[0]!.id };
    const listed = await callUnary(platform.orchestrator, 'listSamples', ListSamplesRequest.fromPartial(request));
    expect(listed.samples.map(({ problem }) => problem)).toEqual(Array.from({ length: 6 }, () => own[0]));
    // What judged is in the lineage of the checkpoint that came of it.
    const checkpoint = resultOf(first!, 'train')!.checkpoint!.name;
    const { recipeJson } = await callUnary(platform.orchestrator, 'getCheckpoint', { name: checkpoint });
    expect(JSON.parse(recipeJson)).toMatchObject({
      scorer: { name: 'llm-judge', checkpoint: undisturbed.iterations[0]!.checkpoint, config: JUDGE },
      ...{ writtenBy: undisturbed.iterations[0]!.checkpoint, newPrompts: NEW_PROMPTS },
    });
  });

  it('ends with the same bytes where the orchestrator is killed as the model writes, and as it judges', async () => {
    const { spec: asked, iterations } = undisturbed;
    const settings = { ...asked!.settings, warm_up: [] };
    const { name } = await create({ ...asked!, baseCheckpoint: iterations[0]!.checkpoint, settings });
    await crashIn(name, 1, 'write');
    await crashIn(name, 2, 'score');
    const disturbed = await finish(name);
    const made = ({ iterations, ...rest }: Run): string => essence({ ...rest, iterations: iterations.slice(1) });
    expect(made(disturbed)).toBe(made(undisturbed));
  }, 120_000);
});
