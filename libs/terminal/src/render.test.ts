import stringWidth from 'fast-string-width';
import { describe, expect, it } from 'vitest';
import { barLine } from './bar.ts';
import { table } from './table.ts';
import { prose, wrap } from './text.ts';
import { canRewrite, columnsOf, oneLine } from './width.ts';

const widthOf = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)));
const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

describe('the width of output', () => {
  it('is COLUMNS, else that of the terminal, else without end', () => {
    expect(columnsOf({ isTTY: true, columns: 90 }, { COLUMNS: '70' })).toBe(70);
    expect(columnsOf({ isTTY: true, columns: 90 }, {})).toBe(90);
    expect(columnsOf({ isTTY: true, columns: 0 }, {})).toBe(80);
    expect(columnsOf({}, { COLUMNS: '100' })).toBe(100);
    for (const COLUMNS of ['', '0', '-3', 'x', '1.5']) expect(columnsOf({}, { COLUMNS })).toBe(Infinity);
  });

  it('lines are written over on terminals that can', () => {
    expect(canRewrite({ isTTY: true }, { TERM: 'xterm' })).toBe(true);
    expect(canRewrite({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(canRewrite({}, {})).toBe(false);
  });

  it('what others wrote is one line without control characters', () => {
    expect(oneLine('a\n\tb\u001b[31mred\u001b[0m\u0008')).toBe('a bred\ufffd');
  });
});

describe('text', () => {
  const text = '  a sentence of several words, 日本語 の 文章, and \u{1f600} in it; then checkpoints/0123456789abcdef';
  it.each([24, 40, 80])('at %i columns breaks between words, and is indented as it was', (columns) => {
    const wrapped = wrap(text, columns);
    expect(wordsOf(wrapped)).toEqual(wordsOf(text));
    for (const line of wrapped.split('\n')) {
      expect(line).toMatch(/^ {2}\S/);
      if (line.trim().includes(' ')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it('a word that is longer than the line is not cut', () => {
    expect(wrap(`see ${'x'.repeat(50)} there`, 20).split('\n')).toEqual(['see', 'x'.repeat(50), 'there']);
  });

  it('without an end of lines is left as it is, but paragraphs are broken for reading', () => {
    const long = 'word '.repeat(100).trim();
    expect(wrap(long, Infinity)).toBe(long);
    expect(widthOf(prose(long, Infinity))).toBeLessThanOrEqual(100);
  });
});

describe('a table', () => {
  it('has numbers to the right and text to the left', () => {
    const rows = [
      ['a', '1'],
      ['long', '1000'],
    ];
    expect(table(['name', 'count'], rows, 80).split('\n')).toEqual([
      ...['name  count', '────  ─────', 'a         1', 'long   1000'],
    ]);
  });

  const head = ['run', 'state', 'name', 'accuracy % [95 %]', 'log p', 'created (UTC)'];
  const row = (name: string): string[] => [
    ...['runs/20260131-235959-1a2b3c', 'succeeded', name],
    ...['62.5 [40.0, 60.0]', '-1.50 → -1.25', '2026-01-31 23:59'],
  ];
  const rows = [row('一つ の 日本語 の 長い 名前 です'), row('a name of several words that is rather long')];

  it.each([48, 80, 100, 140])('fits into %i columns and loses nothing', (columns) => {
    const text = table(head, rows, columns);
    expect(widthOf(text)).toBeLessThanOrEqual(columns);
    for (const cell of [...head, ...rows.flat()]) for (const word of wordsOf(cell)) expect(text).toContain(word);
    // Numbers stay in one piece.
    for (const number of rows[0]!.slice(3)) expect(text).toContain(number);
  });

  it('that is too wide folds its columns below, each group behind the first column', () => {
    const blocks = table(head, rows, 80).split('\n\n');
    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) expect(block).toMatch(/^run +\S/);
    expect(table(head, rows, 200).split('\n\n')).toHaveLength(1);
  });

  it('wide characters are counted as they are drawn', () => {
    const lines = table(
      ['name', 'n'],
      [
        ['日本', '1'],
        ['ab', '2'],
      ],
      80,
    ).split('\n');
    expect(lines.slice(2)).toEqual(['日本  1', 'ab    2']);
  });

  it('what others wrote cannot steer the terminal', () => {
    const text = table(['name'], [['x\u001b[2J\u0008y\nz']], 80);
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('a bar', () => {
  const line = {
    ...{ title: 'iteration 12, evaluate', done: 12_345, total: 100_000, unit: 'completions' },
    ...{ rate: '123.4', left: '12 min 30 s left', detail: 'loss 0.123' },
  };

  it.each([80, 100, 140])('at %i columns has rate and time left', (columns) => {
    const text = barLine(line, columns);
    expect(stringWidth(text)).toBeLessThanOrEqual(columns);
    expect(text).toContain('123.4/s');
    expect(text).toContain('12 min 30 s left');
  });

  it('shrinks before anything else goes, then detail, bar, title and rate go', () => {
    const has = (columns: number) => {
      const text = barLine(line, columns);
      return [/█|░/, /loss/, /iteration/, /\/s/, /left/].map((part) => part.test(text));
    };
    const order = Array.from({ length: 130 }, (_, index) => has(150 - index));
    for (const [index, now] of order.entries())
      for (const [part, is] of now.entries()) if (is && index > 0) expect(order[index - 1]![part]).toBe(true);
    expect(barLine(line, 150)).toMatch(/█+░+/);
    expect(barLine(line, 30)).toBe('12345/100000 completions');
    expect(barLine(line, 10)).toBe('');
  });

  it('the last part of a long title stays, with rate and time left', () => {
    const warmUp = { ...line, title: 'iteration 0, warm up, stage 1 of 2, round 1 of 3', detail: '' };
    const text = barLine({ ...warmUp, done: 58, total: 1700, unit: 'steps', left: '3 min 56 s left' }, 79);
    expect(text).toBe('warm up, stage 1 of 2, round 1 of 3  58/1700 steps  123.4/s  3 min 56 s left');
  });

  it('is full at the end, and empty at the beginning', () => {
    expect(barLine({ ...line, done: 100_000 }, 140)).not.toContain('░');
    expect(barLine({ ...line, done: 0 }, 140)).not.toContain('█');
    expect(barLine({ ...line, done: 5, total: 0 }, 140)).not.toContain('█');
  });
});
