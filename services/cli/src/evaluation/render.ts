/** Results for people: Markdown, and a table as lm-evaluation-harness prints it. */
import type { ResultDocument } from './document.ts';

type Row = readonly string[];
type Align = 'left' | 'right' | 'center';

const percent = (value: number): string => (100 * value).toFixed(1);
const interval = ([lower, upper]: readonly [number, number]): string => `${percent(lower)} – ${percent(upper)}`;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A Markdown table whose columns line up as text too. */
function markdownTable(head: Row, rows: readonly Row[], align: readonly Align[]): string {
  const all = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (row: Row): string =>
    `| ${row.map((text, column) => (align[column] === 'right' ? text.padStart(widths[column]!) : text.padEnd(widths[column]!))).join(' | ')} |`;
  const rule = widths.map((width, column) => {
    const dashes = '-'.repeat(width);
    if (align[column] === 'right') return `${dashes.slice(1)}:`;
    return align[column] === 'center' ? `:${dashes.slice(2)}:` : dashes;
  });
  return [line(all[0]!), `| ${rule.join(' | ')} |`, ...all.slice(1).map(line)].join('\n');
}

/** One figure of a result. */
interface Metric {
  readonly name: string;
  readonly value: number;
  readonly standardError: number;
  readonly interval: readonly [number, number];
  readonly problems: number;
}

/** The figures of a result, in the order in which people look for them. */
function metricsOf({ greedy, at_k: atK = [] }: ResultDocument): Metric[] {
  const metrics: Metric[] = [];
  if (greedy)
    metrics.push({
      name: 'greedy',
      value: greedy.accuracy,
      standardError: greedy.bootstrap?.standard_error ?? 0,
      interval: greedy.interval,
      problems: greedy.total,
    });
  for (const { k, problems, pass, majority } of atK) {
    const figure = (name: string, { value, standard_error: standardError, interval: ends }: typeof pass): Metric => ({
      ...{ name: `${name}@${k}`, value, standardError, interval: ends, problems },
    });
    metrics.push(figure('pass', pass));
    // With one vote both are the same.
    if (k > 1) metrics.push(figure('maj', majority));
  }
  return metrics;
}

/** Results of one subject or level as rows of the harness's table, indented below their benchmark. */
function groupRows(groups: ResultDocument['subjects'], version: string, scorer: string, shots: string): Row[] {
  return (groups ?? []).flatMap(({ name, greedy }) => {
    if (!greedy) return [];
    const { accuracy, total } = greedy;
    const error = total < 2 ? 0 : Math.sqrt((accuracy * (1 - accuracy)) / (total - 1));
    return [[` - ${name}`, version, scorer, shots, 'greedy', '↑', accuracy.toFixed(4), '±', error.toFixed(4)]];
  });
}

/** The table of lm-evaluation-harness: a row a metric; several results stand below each other. */
export function harnessTable(results: readonly ResultDocument[]): string {
  const head = ['Tasks', 'Version', 'Filter', 'n-shot', 'Metric', '', 'Value', '', 'Stderr'];
  const align: Align[] = ['left', 'right', 'left', 'right', 'left', 'left', 'right', 'left', 'right'];
  const rows = results.flatMap((result): Row[] => {
    const { benchmark, split, scorer, shots, model } = result;
    const task = results.length > 1 ? `${benchmark}_${split} ${model}` : `${benchmark}_${split}`;
    const own = metricsOf(result).map(({ name, value, standardError }) => [
      ...[task, scorer.version, scorer.name, String(shots), name],
      ...['↑', value.toFixed(4), '±', standardError.toFixed(4)],
    ]);
    const groups = [
      ...(result.subjects ?? []),
      ...(result.levels ?? []).map((level) => ({ ...level, name: `level ${level.name}` })),
    ];
    return [...own, ...groupRows(groups, scorer.version, scorer.name, String(shots))];
  });
  return markdownTable(head, rows, align);
}

function summary(result: ResultDocument): string {
  const rows = metricsOf(result).map(({ name, value, interval: ends, problems }) => [
    name,
    percent(value),
    interval(ends),
    String(problems),
  ]);
  return markdownTable(['metric', '%', '95 % interval', 'problems'], rows, ['left', 'right', 'right', 'right']);
}

function states({ greedy_completions: greedy, majority }: ResultDocument): string {
  const passes = [
    ...(greedy ? [['greedy', greedy] as const] : []),
    ...(majority ? [['votes', majority.completions] as const] : []),
  ];
  const head = ['completions', 'number', 'completed %', 'scored %', 'unscorable %', 'truncated %', 'error %'];
  const rows = passes.map(([name, { total, shares }]) => [
    name,
    String(total),
    ...[shares.completed, shares.scored, shares.unscorable, shares.truncated, shares.error].map(percent),
  ]);
  return markdownTable(head, rows, ['left', ...head.slice(1).map(() => 'right' as const)]);
}

function groupsTable(title: string, groups: ResultDocument['subjects'], k: number): string[] {
  if (!groups || groups.length === 0) return [];
  const head = [title, 'problems', 'greedy %', '95 % interval', ...(k > 0 ? [`maj@${k} %`] : [])];
  const rows = groups.map(({ name, greedy, majority }) => [
    name,
    String(greedy?.total ?? majority?.total ?? 0),
    greedy ? percent(greedy.accuracy) : '',
    greedy ? interval(greedy.interval) : '',
    ...(k > 0 ? [majority ? percent(majority.accuracy) : ''] : []),
  ]);
  return ['', `### By ${title}`, '', markdownTable(head, rows, ['left', ...head.slice(1).map(() => 'right' as const)])];
}

function comparisonLines({ comparison }: ResultDocument): string[] {
  if (!comparison) return [];
  const rows = comparison.differences.map(({ measure, problems, this: mine, other, difference, interval: ends }) => [
    measure,
    percent(mine),
    percent(other),
    percent(difference),
    interval(ends),
    String(problems),
  ]);
  const head = ['measure', 'this %', 'other %', 'difference', '95 % interval', 'problems'];
  const { mcnemar } = comparison;
  return [
    '',
    `### Compared with ${comparison.with}`,
    '',
    markdownTable(head, rows, ['left', 'right', 'right', 'right', 'right', 'right']),
    ...(mcnemar
      ? [
          '',
          `McNemar's exact test: ${mcnemar.this_only} problems only this one solves, ${mcnemar.other_only} only the other; p = ${mcnemar.p_value.toPrecision(3)}.`,
        ]
      : []),
  ];
}

/** A result as a Markdown section. */
export function markdown(result: ResultDocument): string {
  const k = result.majority?.k ?? 0;
  return [
    `## ${result.benchmark} ${result.split}: ${result.model}`,
    '',
    summary(result),
    '',
    states(result),
    ...groupsTable('subject', result.subjects, k),
    ...groupsTable('level', result.levels, k),
    ...comparisonLines(result),
    '',
    `Prompt ${result.prompt} (${result.shots} examples), at most ${result.max_tokens} tokens, seed ${result.seed}, scorer ${result.scorer.name} ${result.scorer.version}.`,
    'Greedy accuracy has its Wilson interval, everything else the percentile bootstrap over problems. Completions on which the scorer failed are left out.',
    '',
    ...[
      `- checkpoint: \`${result.checkpoint}\``,
      `- problems: \`${result.problem_set}\``,
      `- data: \`${result.data_digest}\``,
      `- templates: ${result.template_digests.map((digest) => `\`${digest}\``).join(', ')}`,
      `- evaluation: \`${result.evaluation}\``,
    ],
  ].join('\n');
}
