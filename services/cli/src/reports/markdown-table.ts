type Row = readonly string[];
type Align = 'left' | 'right' | 'center';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A Markdown table whose columns line up as text too. */
export function markdownTable(head: Row, rows: readonly Row[], align: readonly Align[]): string {
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
