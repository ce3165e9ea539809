/** Progress as one line of a terminal. */
import stringWidth from 'fast-string-width';

/** What a line of progress tells. */
export interface BarLine {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** Units a second; empty while there is none. */
  readonly rate: string;
  /** "1 min 20 s left", or "12 s" since the beginning while nothing is done; or empty. */
  readonly left: string;
  /** Something more of the last unit; empty where there is nothing. */
  readonly detail: string;
}

const WIDEST_BAR = 40;
/** A shorter bar says nothing. */
const SHORTEST_BAR = 8;
const GAP = '  ';

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(GAP);

/** The title, then the title without its first part, and so on: its last part says best where the work is. */
const shorterTitles = (title: string): string[] => {
  const parts = title.split(', ');
  return parts.map((_, first) => parts.slice(first).join(', '));
};

/**
 * The line in at most `columns` columns. What there is no room for goes in this order: a part of the bar, the detail, the bar, the
 * title from its front, the rate; how much is done and the time left stay.
 */
export function barLine({ title, done, total, unit, rate, left, detail }: BarLine, columns: number): string {
  const counted = `${done}/${total} ${unit}`;
  const speed = rate === '' ? '' : `${rate}/s`;
  for (const more of detail === '' ? [''] : [detail, '']) {
    const room = columns - GAP.length - stringWidth(joined([title, counted, speed, left, more]));
    if (room < SHORTEST_BAR) continue;
    const drawn = bar(total > 0 ? done / total : 0, Math.min(room, WIDEST_BAR));
    return joined([title, drawn, counted, speed, left, more]);
  }
  const titled = shorterTitles(title).map((shorter) => [shorter, counted, speed, left]);
  const lesser = [...titled, [counted, speed, left], [counted, left], [counted], []];
  return lesser.map(joined).find((line) => stringWidth(line) <= columns)!;
}
