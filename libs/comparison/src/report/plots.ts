/** A comparison as plots: a method's mean over seeds as a line, each seed with its Wilson interval behind it. */
import type { Spec } from 'vega';
import type { ComparisonResult } from '../result.ts';

/** A point of a seed; accuracies in percent. */
interface SeedPoint {
  readonly method: string;
  readonly x: number;
  readonly y: number;
  readonly lower: number;
  readonly upper: number;
}

/** A point of a method. */
type MeanPoint = Pick<SeedPoint, 'method' | 'x' | 'y'>;

interface Plot {
  readonly title: string;
  readonly xTitle: string;
  readonly methods: readonly string[];
  readonly seeds: readonly SeedPoint[];
  readonly means: readonly MeanPoint[];
  /** Whether x takes whole numbers only. */
  readonly isCounted: boolean;
}

/** So much of an iteration the intervals of all methods and seeds are spread over, side by side. */
const DODGE = 0.3;

/** Where a run's intervals stand beside those of the others. */
function dodge(place: number, of: number): number {
  return of < 2 ? 0 : DODGE * (place / (of - 1) - 0.5);
}

function seedPoints(result: ComparisonResult, xOf: (iteration: number, tokens: number) => number, dodged: boolean) {
  const runs = result.methods.flatMap((method) => method.runs);
  return runs.flatMap(({ method, iterations }, place) =>
    iterations.flatMap(({ iteration, tokens, greedy }): SeedPoint[] => {
      if (!greedy) return [];
      const x = xOf(iteration, tokens.sampled + tokens.trained) + (dodged ? dodge(place, runs.length) : 0);
      return [{ method, x, y: 100 * greedy.accuracy, lower: 100 * greedy.lower, upper: 100 * greedy.upper }];
    }),
  );
}

const meanPoints = ({ methods }: ComparisonResult, xOf: (iteration: number, tokens: number) => number): MeanPoint[] =>
  methods.flatMap(({ method, iterations }) =>
    iterations.flatMap(({ iteration, greedy, sampled, trained }) =>
      greedy ? [{ method, x: xOf(iteration, sampled + trained), y: 100 * greedy.mean }] : [],
    ),
  );

const MILLION = 1e6;

/** What is drawn, by the name of its file. */
export function plotsOf(result: ComparisonResult): Readonly<Record<string, Plot>> {
  const methods = result.methods.map(({ method }) => method);
  const byIteration = (iteration: number): number => iteration;
  const byTokens = (_: number, tokens: number): number => tokens / MILLION;
  const title = (by: string): string => `${result.comparison.name}: greedy accuracy by ${by}`;
  return {
    'accuracy-by-iteration': {
      ...{ title: title('iteration'), xTitle: 'iteration', methods, isCounted: true },
      seeds: seedPoints(result, byIteration, true),
      means: meanPoints(result, byIteration),
    },
    'accuracy-by-tokens': {
      ...{ title: title('tokens'), xTitle: 'tokens sampled and trained on, millions', methods, isCounted: false },
      seeds: seedPoints(result, byTokens, false),
      means: meanPoints(result, byTokens),
    },
  };
}

const FONT = 'DejaVu Sans, sans-serif';
const place = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
const stroke = { scale: 'color', field: 'method' };

const MARKS: Spec['marks'] = [
  {
    type: 'rule',
    from: { data: 'seeds' },
    encode: {
      enter: {
        ...{ x: place.x, y: { scale: 'y', field: 'lower' }, y2: { scale: 'y', field: 'upper' } },
        ...{ stroke, strokeOpacity: { value: 0.35 } },
      },
    },
  },
  {
    type: 'symbol',
    from: { data: 'seeds' },
    encode: { enter: { ...place, fill: stroke, size: { value: 14 }, fillOpacity: { value: 0.5 } } },
  },
  {
    type: 'group',
    from: { facet: { name: 'method', data: 'means', groupby: 'method' } },
    marks: [
      { type: 'line', from: { data: 'method' }, encode: { enter: { ...place, stroke, strokeWidth: { value: 2 } } } },
      { type: 'symbol', from: { data: 'method' }, encode: { enter: { ...place, fill: stroke, size: { value: 50 } } } },
    ],
  },
];

function specOf({ title, xTitle, methods, seeds, means, isCounted }: Plot): Spec {
  const last = Math.max(1, ...means.map(({ x }) => x));
  const columns = Array.from({ length: Math.floor(last) + 1 }, (_, at) => at);
  return {
    ...{ width: 560, height: 340, padding: 12, background: 'white', autosize: 'pad' },
    config: { title: { font: FONT }, axis: { labelFont: FONT, titleFont: FONT }, legend: { labelFont: FONT } },
    title: { text: title, fontSize: 14, fontWeight: 'normal', offset: 10 },
    data: [
      { name: 'seeds', values: [...seeds] },
      { name: 'means', values: [...means] },
    ],
    scales: [
      {
        ...{ name: 'x', type: 'linear', range: 'width', zero: false, nice: !isCounted, padding: 12 },
        domain: { data: 'seeds', field: 'x' },
      },
      {
        ...{ name: 'y', type: 'linear', range: 'height', zero: false, nice: true },
        domain: { data: 'seeds', fields: ['lower', 'upper'] },
      },
      { name: 'color', type: 'ordinal', domain: [...methods], range: { scheme: 'tableau10' } },
    ],
    axes: [
      { scale: 'x', orient: 'bottom', title: xTitle, ...(isCounted && { values: columns, format: 'd' }) },
      { scale: 'y', orient: 'left', title: 'greedy accuracy, % (bars: 95 % of a seed)', grid: true, gridOpacity: 0.4 },
    ],
    legends: [{ stroke: 'color', symbolType: 'stroke', symbolStrokeWidth: 3, orient: 'right' }],
    marks: MARKS!,
  };
}

/** The plot as an SVG document. */
export async function plotSvg(plot: Plot): Promise<string> {
  const { parse, View } = await import('vega');
  const view = new View(parse(specOf(plot)), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
