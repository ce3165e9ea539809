/** Rows under headings, as wide as the output is. */
import stringWidth from 'fast-string-width';
import { wrapAnsi } from 'fast-wrap-ansi';
import { columnsOf, oneLine } from './width.ts';

const GAP = '  ';
/** Text that may go over several lines has at least so many columns, or it is no text but a ribbon. */
const LEAST_TEXT = 16;
const NUMERIC = /^[-+±\d.,:%\s/–…→[\]]*$/;

/** A column as it is measured. */
interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  readonly isNumeric: boolean;
  /** Columns that it takes in one line. */
  readonly natural: number;
  /** Fewest columns that it can do with. */
  readonly least: number;
}

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => stringWidth(text)));
const wordsOf = (texts: readonly string[]): string[] => texts.flatMap((text) => text.split(' '));

function columnOf(head: string, cells: readonly string[]): Column {
  const isNumeric = cells.every((cell) => NUMERIC.test(cell));
  const inCells = widest(cells);
  // Numbers are not broken; headings may be.
  const leastOfCells = isNumeric ? inCells : Math.max(widest(wordsOf(cells)), Math.min(inCells, LEAST_TEXT));
  const least = Math.max(leastOfCells, widest(head.split(' ')));
  return { head, cells, isNumeric, natural: Math.max(inCells, widest([head])), least };
}

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));

/** Widths that fit into `columns`: the widest column that still can gives first. Undefined where they do not fit at all. */
function fit(columns: readonly Column[], available: number): number[] | undefined {
  if (totalOf(columns.map(({ least }) => least)) > available) return undefined;
  const widths = columns.map(({ natural, least }) => Math.max(natural, least));
  for (let excess = totalOf(widths) - available; excess > 0; excess--) {
    const open = columns.map(({ least }, index) => (widths[index]! > least ? widths[index]! : 0));
    widths[open.indexOf(Math.max(...open))]! -= 1;
  }
  return widths;
}

/** The columns in groups that fit side by side; each group begins with the first column, which says whose row it is. */
function fold(columns: readonly Column[], available: number): Column[][] {
  const [key, ...others] = columns;
  if (!key || fit(columns, available)) return [[...columns]];
  const groups: Column[][] = [];
  for (const column of others) {
    const group = groups.at(-1);
    if (group && fit([...group, column], available)) group.push(column);
    else groups.push([key, column]);
  }
  return groups;
}

function pad(text: string, width: number, toTheRight: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return toTheRight ? blanks + text : text + blanks;
}

/** One row in as many lines as its highest cell has. */
function linesOf(cells: readonly string[], columns: readonly Column[], widths: readonly number[]): string[] {
  const wrapped = cells.map((cell, index) => wrapAnsi(cell, widths[index]!, { hard: false }).split('\n'));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((parts, index) => pad(parts[line] ?? '', widths[index]!, columns[index]!.isNumeric))
      .join(GAP)
      .trimEnd(),
  );
}

function draw(columns: readonly Column[], rowCount: number, available: number): string {
  const widths = fit(columns, available) ?? columns.map(({ least }) => least);
  const rows = Array.from({ length: rowCount }, (_, row) => columns.map(({ cells }) => cells[row]!));
  return [
    ...linesOf(
      columns.map(({ head }) => head),
      columns,
      widths,
    ),
    widths.map((width) => '─'.repeat(width)).join(GAP),
    ...rows.flatMap((row) => linesOf(row, columns, widths)),
  ].join('\n');
}

/**
 * Rows under headings; numbers to the right. Where they are wider than the output, texts go over several lines, then columns go
 * below the others, each group of them behind the first column.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  available = columnsOf(process.stdout),
): string {
  const columns = head.map((title, index) =>
    columnOf(
      title,
      rows.map((row) => oneLine(row[index] ?? '')),
    ),
  );
  return fold(columns, available)
    .map((group) => draw(group, rows.length, available))
    .join('\n\n');
}
