import { messageOf, nameOfKind, Run, RunState, StepKind, WeightPrecision } from '@hone/contracts';
import stringWidth from 'fast-string-width';
import { describe, expect, it, vi } from 'vitest';
import { checkpointLines, memoryLine, runDocument, runTable, warningLines } from './report.ts';

const CHECKPOINT = `checkpoints/${'ab'.repeat(32)}`;
const usage = (seconds: number, mebibytes: number) => ({
  seconds,
  cpuSeconds: 2 * seconds,
  peakMemoryBytes: BigInt(mebibytes * 2 ** 20),
  tokens: 1_000n,
});
const greedy = { accuracy: 0.5, correct: 50, total: 100, lower: 0.4, upper: 0.6 };
const majority = {
  k: 8,
  accuracy: { accuracy: 0.7, correct: 70, total: 100, lower: 0.6, upper: 0.79 },
  sampleAccuracy: 0.45,
};

const step = (kind: StepKind, result?: object, used?: object) => ({
  ...{ name: nameOfKind(kind), kind, usage: used },
  ...(result && { result: { $case: nameOfKind(kind), value: result } as never }),
});

const RUN = messageOf(Run, {
  name: 'runs/r',
  state: RunState.SUCCEEDED,
  codeVersion: '0.1.0',
  spec: { recipe: 'irpo', benchmark: 'arithmetic', seed: 3n },
  iterations: [
    {
      index: 0,
      checkpoint: CHECKPOINT,
      steps: [
        // A warm-up: trained on examples, measured on other problems.
        { ...step(StepKind.TRAIN, { steps: 3, first: { chosenLogProb: -9 } }), name: 'warm-up/stage-0/train' },
        { ...step(StepKind.EVALUATE, { greedy: { ...greedy, total: 7 } }), name: 'warm-up/stage-0/evaluate' },
        step(StepKind.EVALUATE, { greedy, majority }, usage(1.25, 100)),
      ],
    },
    {
      index: 1,
      checkpoint: CHECKPOINT.replaceAll('ab', 'cd'),
      steps: [
        step(StepKind.SAMPLE, {
          ...{ samples: 3_200, engines: ['onnxruntime'], weightPrecisions: [WeightPrecision.INT8] },
          completionTokens: 64_000n,
        }),
        step(StepKind.SCORE, {
          verdicts: { correct: 1_200, wrong: 1_200, unscorable: 480, truncated: 320, error: 0 },
          ...{ problems: 100, problemsMixed: 60, problemsAllRight: 30, problemsNoneRight: 10 },
          ...{ problemsAnswered: 90, distinctAnswers: 225, mixedByRate: [10, 20, 5, 15, 10] },
        }),
        step(StepKind.BUILD, { report: { pairs: 900 } }),
        {
          ...step(
            StepKind.TRAIN,
            {
              steps: 12,
              first: { chosenLogProb: -1.5, rejectedLogProb: -2.5, margin: 0.01 },
              last: {
                ...{ chosenLogProb: -1.25, rejectedLogProb: -3.75, margin: 0.15, kl: 0.375 },
                ...{ referenceChosenLogProb: -1.75, referenceRejectedLogProb: -2.5 },
              },
              start: { preferenceLoss: 0.69315, expectedLoss: Math.LN2, logProbGap: 0.00001234 },
              logProbGap: { mean: 0.0123, p99: 0.0456, largest: 0.5, tokens: 1_000n },
            },
            usage(123.4, 200),
          ),
          warnings: ['lower training.optimizer.learning_rate'],
        },
        step(StepKind.EVALUATE, { greedy: { ...greedy, accuracy: 0.625 }, majority }, usage(2, 300)),
      ],
    },
    {
      index: 2,
      steps: [
        step(StepKind.SAMPLE, {
          ...{ samples: 100, completionTokens: 1_500n },
          curriculum: { alwaysSolved: 30, alwaysSolvedDrawn: 6, neverSolved: 10, neverSolvedDrawn: 9, overBudget: 2 },
        }),
        // With hints: no samples of all problems.
        { ...step(StepKind.SAMPLE, { samples: 10, completionTokens: 9_000n }), name: 'rationalise' },
      ],
    },
  ],
});

const cells = (line: string): string[] => line.trim().split(/ {2,}/);
const head = (text: string): string[] => cells(text.split('\n')[0]!);

describe('the table of a run', () => {
  it('has a row an iteration, with what is known of it', () => {
    const [results = [], samples = [], rates = [], known = [], logProbs = [], references = [], gaps = [], times = []] =
      runTable(RUN)
        .split('\n\n')
        .map((block) => block.split('\n').map(cells));
    expect(results).toEqual([
      ['iteration', 'samples', 'pairs', 'greedy % of 100 [95 %]', 'maj@8 % of 100 [95 %]'],
      expect.anything(),
      ['0', '50.0 [40.0, 60.0]', '70.0 [60.0, 79.0]'],
      ['1', '3200', '900', '62.5 [40.0, 60.0]', '70.0 [60.0, 79.0]'],
      ['2', '110'],
    ]);
    expect(samples.filter(([first]) => /^\d$/.test(first!))).toEqual([
      ['1', '20.0', '2.5', '37.5', '60.0', '30.0', '10.0', '15.0', '10.0'],
      ['2', '15.0', '-25.0'],
    ]);
    expect(rates[2]).toEqual(['1', '10', '10', '20', '5', '15', '10', '30']);
    expect(known[2]).toEqual(['2', '30', '6', '10', '9', '2']);
    expect(logProbs.slice(0, 3)).toEqual([
      ['iteration', 'chosen log p', 'rejected log p', 'margin'],
      expect.anything(),
      ['1', '-1.50 → -1.25', '-2.50 → -3.75', '0.01 → 0.15'],
    ]);
    expect(references.slice(0, 3)).toEqual([
      ['iteration', 'chosen - ref', 'rejected - ref', 'KL', 'start', 'due', 'gap'],
      expect.anything(),
      ['1', '0.50', '-1.25', '0.38', '0.6932', '0.6931', '0.000012'],
    ]);
    expect(gaps.slice(0, 3)).toEqual([
      ['iteration', 'log-prob gap: mean', '99 %', 'largest'],
      expect.anything(),
      ['1', '0.012', '0.046', '0.50'],
    ]);
    expect(times).toEqual([
      ['iteration', 'train s', 'evaluate s'],
      expect.anything(),
      ['0', '1.3'],
      ['1', '123', '2.0'],
      ['2'],
    ]);
  });

  it('says what its log-probs are means over', () => {
    expect(runTable(RUN)).toContain('log p: mean over the first tenth → the last tenth of the training steps');
    expect(runTable(messageOf(Run, { iterations: [{ index: 0 }] }))).not.toContain('log p:');
  });

  it('has no column for votes that were not taken', () => {
    const steps = [step(StepKind.EVALUATE, { greedy })];
    expect(head(runTable(messageOf(Run, { iterations: [{ index: 0, steps }] }))).join()).not.toContain('maj@');
  });

  it('sums what several steps of a kind took', () => {
    const steps = ['a/train', 'b/train'].map((name) => ({ ...step(StepKind.TRAIN, {}, usage(2, 100)), name }));
    const run = messageOf(Run, { iterations: [{ index: 0, steps }] });
    expect(runTable(run).split('\n').map(cells).slice(-3)).toEqual([
      ['iteration', 'train s'],
      expect.anything(),
      ['0', '4.0'],
    ]);
    expect(runDocument(run).iterations[0]).toMatchObject({
      seconds: { train: 4 },
      usage: { train: { cpu_seconds: 8, tokens: 2_000, peak_memory_bytes: 100 * 2 ** 20 } },
      steps: [{ name: 'a/train', kind: 'train' }, { name: 'b/train' }],
    });
  });

  it.each([80, 100, 140])('fits into %i columns', (columns) => {
    vi.stubEnv('COLUMNS', String(columns));
    for (const line of runTable(RUN).split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    vi.unstubAllEnvs();
  });
});

describe('the document of a run', () => {
  it('has what the table has, for programs', () => {
    const document = JSON.parse(JSON.stringify(runDocument(RUN))) as ReturnType<typeof runDocument>;
    expect(document).toMatchObject({ run: 'runs/r', state: RunState.SUCCEEDED, benchmark: 'arithmetic', seed: '3' });
    expect(document.iterations[0]).toMatchObject({
      iteration: 0,
      checkpoint: CHECKPOINT,
      pairs: 0,
      greedy: { accuracy: 0.5, correct: 50, total: 100, interval: [0.4, 0.6] },
      majority: { k: 8, accuracy: 0.7, sample_accuracy: 0.45 },
      seconds: { evaluate: 1.25 },
    });
    expect(document.iterations[1]).toMatchObject({
      samples: 3_200,
      pairs: 900,
      log_probs: {
        chosen: { first_tenth: -1.5, last_tenth: -1.25 },
        rejected: { first_tenth: -2.5, last_tenth: -3.75 },
      },
      margin: { first_tenth: 0.01, last_tenth: 0.15 },
      log_ratios_to_reference: { chosen: 0.5, rejected: -1.25 },
      kl: 0.375,
      start: { preference_loss: 0.69315, expected_loss: Math.LN2, log_prob_gap: 0.00001234 },
      sampled: {
        ...{ mean_tokens: 20, distinct_answers: 2.5, right: 0.375, unscorable: 0.15, truncated: 0.1 },
        ...{ problems_mixed: 0.6, problems_all_right: 0.3, problems_none_right: 0.1 },
      },
      problems_by_rate: [10, 10, 20, 5, 15, 10, 30],
      log_prob_gap: { mean: 0.0123, p99: 0.0456, largest: 0.5, tokens: 1_000 },
      seconds: { train: 123.4, evaluate: 2 },
      usage: { train: { cpu_seconds: 246.8, peak_memory_bytes: 200 * 2 ** 20, tokens: 1_000 } },
    });
  });

  it('says nothing of what was not measured', () => {
    const [iteration] = runDocument(messageOf(Run, { iterations: [{ index: 0 }] })).iterations;
    expect(Object.keys(iteration!)).not.toContain('greedy');
    expect(Object.keys(iteration!)).not.toContain('log_probs');
    expect(Object.keys(iteration!)).not.toContain('sampled');
  });

  it('has the change of the mean length, and what each step warned of', () => {
    const { iterations } = runDocument(RUN);
    expect(iterations[2]!.sampled).toMatchObject({ mean_tokens: 15, mean_tokens_change: -0.25 });
    expect(iterations[2]!.curriculum).toMatchObject({ always_solved: 30, always_solved_drawn: 6, over_budget: 2 });
    expect(iterations[1]!.steps.flatMap(({ warnings = [] }) => warnings)).toHaveLength(1);
  });
});

it('warnings are told with their place, by the keys of a run file', () => {
  expect(warningLines(RUN)).toEqual(['warning (iteration 1, train): lower training.learning_rate']);
});

it('memory is the highest of each kind of steps over all iterations', () => {
  expect(memoryLine(RUN)).toBe('evaluate 300 MiB, train 200 MiB');
});

it('checkpoints are listed by iteration', () => {
  expect(checkpointLines(RUN)).toEqual(
    [`  M_0  ${CHECKPOINT}`, `  M_1  ${CHECKPOINT.replaceAll('ab', 'cd')}`].map((line) =>
      line.replace(/([0-9a-f]{12})[0-9a-f]{52}$/, '$1'),
    ),
  );
});
