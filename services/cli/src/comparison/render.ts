/** A comparison for people: tables and findings for a terminal, and Markdown. */
import {
  accuracyTable,
  costTable,
  runsTable,
  testsTable,
  unfinishedLines,
  type CheckedFinding,
  type ComparisonResult,
  type Table,
} from '@hone/comparison';
import { columnsOf, prose, table } from '@hone/terminal';
import { markdownTable } from '../reports/markdown-table.ts';

const drawn = ({ title, head, rows }: Table): string[] => [prose(title, columnsOf()), '', table(head, rows), ''];
const verdict = ({ holds }: CheckedFinding): string => (holds ? 'holds' : 'DOES NOT HOLD');

const findingText = (finding: CheckedFinding): string =>
  prose(`${verdict(finding)}: ${finding.claim}\n\n  ${finding.evidence}\n`, columnsOf());

export function comparisonText(result: ComparisonResult): string {
  const unfinished = unfinishedLines(result);
  return [
    ...drawn(accuracyTable(result)),
    ...drawn(costTable(result)),
    ...drawn(testsTable(result)),
    ...result.findings.map(findingText),
    ...unfinished,
  ]
    .join('\n')
    .trimEnd();
}

const markdownOf = ({ title, head, rows }: Table): string[] => [
  `### ${title}`,
  '',
  markdownTable(head, rows, ['left', ...head.slice(1).map(() => 'right' as const)]),
  '',
];

/** `plots` are links to pictures, with their titles. */
export function comparisonMarkdown(
  result: ComparisonResult,
  plots: readonly { readonly title: string; readonly file: string }[] = [],
): string {
  const { comparison, findings } = result;
  const unfinished = unfinishedLines(result);
  return [
    `## ${comparison.name}`,
    '',
    ...markdownOf(accuracyTable(result)),
    ...plots.flatMap(({ title, file }) => [`![${title}](${encodeURI(file)})`, '']),
    ...(findings.length > 0 ? ['### Findings', ''] : []),
    ...findings.map((finding) => `- **${verdict(finding)}**: ${finding.claim}. ${finding.evidence}`),
    ...(findings.length > 0 ? [''] : []),
    ...markdownOf(costTable(result)),
    ...markdownOf(testsTable(result)),
    ...markdownOf(runsTable(result)),
    ...unfinished.map((line) => `- ${line}`),
  ]
    .join('\n')
    .trimEnd();
}
