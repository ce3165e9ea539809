import { expect, test } from 'vitest';
import type { MeasuredRun } from '../measured.ts';
import { compare } from '../result.ts';
import { readComparison } from '../spec.ts';
import { madeUpRun } from '../testing.ts';
import { comparisonDocument } from './document.ts';
import { plotsOf, plotSvg } from './plots.ts';
import { pngOf } from './png.ts';
import { accuracyTable, costTable, runsTable, testsTable, unfinishedLines } from './tables.ts';

const COMPARISON = readComparison({ base: {}, methods: { a: {}, b: {} }, seeds: [1, 2] }, 'compare.yaml');
const FAILED: MeasuredRun = { ...madeUpRun('b', 2, { right: [50] }), end: 'failed', error: 'no pairs' };
const RUNS = [
  madeUpRun('a', 1, { right: [50, 60], chosen: [-1, -0.5], rejected: [-3, -4] }),
  madeUpRun('a', 2, { right: [50, 64], chosen: [-1, -0.7], rejected: [-3, -4] }),
  madeUpRun('b', 1, { right: [50, 55] }),
  FAILED,
];
const RESULT = compare(COMPARISON, RUNS);

test('accuracies are means ± standard deviations over the seeds that have them', () => {
  expect(accuracyTable(RESULT).rows).toEqual([
    ['a', '50.0 ± 0.0', '62.0 ± 2.8'],
    ['b', '50.0 ± 0.0', '55.0 (1)'],
  ]);
});

test('the document has each seed with intervals and tokens, paired tests, and log-probs before and after', () => {
  const document = comparisonDocument(RESULT);
  expect(document.methods[0]).toMatchObject({
    method: 'a',
    iterations: [{ iteration: 0 }, { greedy: { mean: 0.62, seeds: 2 }, tokens_sampled: 1000, tokens_trained: 2000 }],
    seeds: [
      {
        ...{ seed: 1, run: 'runs/a-1', end: 'succeeded' },
        iterations: [
          { iteration: 0, greedy: { correct: 50, total: 100 } },
          {
            greedy: { accuracy: 0.6, interval: [expect.closeTo(0.502, 3), expect.closeTo(0.691, 3)] },
            log_probs: {
              chosen: { before: expect.closeTo(-1), after: expect.closeTo(-0.5) },
              rejected: { before: expect.closeTo(-3), after: expect.closeTo(-4) },
            },
          },
        ],
      },
      { seed: 2 },
    ],
  });
  expect(document.methods[1]!.seeds[1]).toMatchObject({ seed: 2, end: 'failed', error: 'no pairs' });
  expect(
    document.paired_tests.map(({ first, second, problems }) => [first.method, first.at, second.method, problems]),
  ).toEqual([
    ['a', 1, 'b', 100],
    ['a', 1, 'a', 200],
    ['b', 1, 'b', 100],
  ]);
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});

test('tables have a row a method, a row a checkpoint, a row a test', () => {
  expect(costTable(RESULT).rows).toEqual([
    ['a', '2.0 k', '1.0 k', '2.0 k', '-1.00 → -0.60', '-3.00 → -4.00'],
    ['b', '2.0 k', '1.0 k', '2.0 k', '', ''],
  ]);
  expect(runsTable(RESULT).rows).toHaveLength(7);
  expect(testsTable(RESULT).rows[0]).toEqual([...['a M_1', 'b M_1', '+5.0', '[+1.0, +10.0]', '5/0', '100', '0.063']]);
});

test('runs that did not come to their end are told', () => {
  expect(unfinishedLines(RESULT)).toEqual(['b, seed 2 (runs/b-2): FAILED, 1 of its checkpoints measured: no pairs']);
});

test('plots have a line a method, an interval a checkpoint, and names in the legend; the PNG has their letters', async () => {
  const plots = plotsOf(RESULT);
  expect(Object.keys(plots)).toEqual(['accuracy-by-iteration', 'accuracy-by-tokens']);
  for (const plot of Object.values(plots)) {
    const svg = await plotSvg(plot);
    expect(svg.match(/aria-roledescription="line mark container"/g)).toHaveLength(2);
    const [, intervals = ''] = /<g class="mark-rule role-mark"[^>]*>(.*?)<\/g>/s.exec(svg)!;
    expect(intervals.match(/<line/g)).toHaveLength(7);
    for (const method of ['a', 'b']) expect(svg).toContain(`>${method}</text>`);
    const [png, without] = [await pngOf(svg), await pngOf(svg.replace(/<text[^>]*>[^<]*<\/text>/g, ''))];
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    expect(png.equals(without)).toBe(false);
  }
});

test('methods are compared at the end, too, where that is behind iteration 1', () => {
  const longer = compare(COMPARISON, [
    madeUpRun('a', 1, { right: [50, 60, 65] }),
    madeUpRun('b', 1, { right: [50, 55] }),
  ]);
  expect(testsTable(longer).rows.map(([first, second]) => `${first}, ${second}`)).toEqual([
    ...['a M_1, b M_1', 'a end, b end', 'a M_1, a M_0', 'a M_2, a M_1', 'b M_1, b M_0'],
  ]);
});
