/** Results for people: tables, and Markdown. Differences are B - A everywhere: this result minus the other. */
import { table } from '@hone/terminal';
import { markdownTable } from '../reports/markdown-table.ts';
import type { ResultDocument } from './document.ts';

type Row = readonly string[];

const percent = (value: number): string => (100 * value).toFixed(1);
const interval = ([lower, upper]: readonly [number, number]): string => `[${percent(lower)}, ${percent(upper)}]`;
const signed = (value: number): string => `${value < 0 ? '-' : '+'}${percent(Math.abs(value))}`;
const signedInterval = ([lower, upper]: readonly [number, number]): string => `[${signed(lower)}, ${signed(upper)}]`;

/** One figure of a result. */
interface Metric {
  readonly name: string;
  readonly value: number;
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
      interval: greedy.interval,
      problems: greedy.total,
    });
  for (const { k, problems, pass, majority } of atK) {
    const figure = (name: string, { value, interval: ends }: typeof pass): Metric => ({
      ...{ name: `${name}@${k}`, value, interval: ends, problems },
    });
    metrics.push(figure('pass', pass));
    // With one vote both are the same.
    if (k > 1) metrics.push(figure('maj', majority));
  }
  return metrics;
}

const scorerName = ({ scorer }: ResultDocument): string => `${scorer.name} ${scorer.version}`;

function groupRows(result: ResultDocument): Row[] {
  const groups = [
    ...(result.subjects ?? []),
    ...(result.levels ?? []).map((level) => ({ ...level, name: `level ${level.name}` })),
  ];
  return groups.flatMap(({ name, greedy }): Row[] => {
    if (!greedy) return [];
    const { accuracy, interval: ends, total } = greedy;
    return [[`· ${name}`, 'greedy', percent(accuracy), interval(ends), String(total), scorerName(result)]];
  });
}

function comparisonText({ model, comparison }: ResultDocument): string[] {
  if (!comparison) return [];
  const head = ['measure', 'A %', 'B %', 'B - A', '95 % interval', 'N'];
  const rows = comparison.differences.map(({ measure, problems, this: mine, other, difference, interval: ends }) => [
    ...[measure, percent(other), percent(mine), signed(difference), signedInterval(ends), String(problems)],
  ]);
  const { mcnemar } = comparison;
  return [
    '',
    `A: ${comparison.with}; B: ${model}`,
    table(head, rows),
    ...(mcnemar
      ? [
          `only B solves ${mcnemar.this_only}, only A ${mcnemar.other_only}: p = ${mcnemar.p_value.toPrecision(3)} (McNemar, exact)`,
        ]
      : []),
  ];
}

/** A row a metric, with its interval and the number of problems it is of; several results stand below each other. */
export function resultTable(results: readonly ResultDocument[]): string {
  const rows = results.flatMap((result): Row[] => {
    const { benchmark, split, model } = result;
    const task = results.length > 1 ? `${benchmark} ${split} ${model}` : `${benchmark} ${split}`;
    const own = metricsOf(result).map(({ name, value, interval: ends, problems }) => [
      ...[task, name, percent(value), interval(ends), String(problems), scorerName(result)],
    ]);
    return [...own, ...groupRows(result)];
  });
  return [
    table(['task', 'metric', '%', '95 % interval', 'N', 'scorer'], rows),
    ...results.flatMap(comparisonText),
  ].join('\n');
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
    percent(other),
    percent(mine),
    signed(difference),
    signedInterval(ends),
    String(problems),
  ]);
  const head = ['measure', 'A %', 'B %', 'B - A', '95 % interval', 'problems'];
  const { mcnemar } = comparison;
  return [
    '',
    `### Compared with ${comparison.with}`,
    '',
    'A is that one, B this one.',
    '',
    markdownTable(head, rows, ['left', 'right', 'right', 'right', 'right', 'right']),
    ...(mcnemar
      ? [
          '',
          `McNemar's exact test: ${mcnemar.this_only} problems only B solves, ${mcnemar.other_only} only A; p = ${mcnemar.p_value.toPrecision(3)}.`,
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
    "Greedy accuracy has its Wilson interval, everything else the percentile bootstrap over problems, or Wilson's where all have the same value. Completions on which the scorer failed are left out.",
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
