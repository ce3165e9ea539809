import { describe, expect, it } from 'vitest';
import { PageReader, type Position, type Scanned } from './page.ts';

interface ListOptions {
  readonly weight?: number;
  readonly bytes?: number;
  readonly isFinal?: boolean;
  readonly matches?: (row: number) => boolean;
}

/** A list of numbers from 0 on; notes how often it is opened, and how many streams are open. */
function numbers(count: number, { weight = 1, bytes = 1, isFinal = true, matches = () => true }: ListOptions = {}) {
  const seen = { opened: 0, open: 0, read: 0 };
  async function* items(from: number): AsyncGenerator<Scanned<number>, void> {
    try {
      seen.open++;
      for (let row = from; row < count; row++) {
        seen.read++;
        yield { row, index: 0, weight, ...(matches(row) && { item: row }) };
      }
    } finally {
      seen.open--;
    }
  }
  const asked = (pageSize: number, pageToken: string) => ({
    ...{ list: ['numbers'], pageSize, pageToken, bytesOf: () => bytes },
    open: async (position: Position | undefined) => {
      seen.opened++;
      return { iteration: 1, isFinal, items: items(position ? position.row + 1 : 0) };
    },
  });
  return { seen, asked };
}

async function readAll(reader: PageReader, asked: ReturnType<typeof numbers>['asked'], pageSize: number) {
  const pages: number[][] = [];
  for (let token = ''; ;) {
    const { items, nextPageToken } = await reader.read(asked(pageSize, token));
    pages.push(items);
    if (nextPageToken === '') return pages;
    token = nextPageToken;
  }
}

describe('a list that is read in pages', () => {
  it('is read once from beginning to end', async () => {
    const { seen, asked } = numbers(1000);
    const pages = await readAll(new PageReader(), asked, 10);
    expect(pages.flat()).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(seen).toEqual({ opened: 1, open: 0, read: 1000 });
  });

  it('that may still change is opened anew for each page', async () => {
    const { seen, asked } = numbers(30, { isFinal: false });
    expect((await readAll(new PageReader(), asked, 10)).flat()).toHaveLength(30);
    expect(seen).toMatchObject({ opened: 4, open: 0 });
  });

  it('gives short and empty pages rather than read on for long', async () => {
    const { asked } = numbers(100_000, { matches: (row) => row === 99_999 });
    const pages = await readAll(new PageReader(), asked, 10);
    expect(pages.map(({ length }) => length)).toEqual([0, 0, 0, 0, 1, 0]);
  });

  it('gives no pages of many megabytes', async () => {
    const { asked } = numbers(10, { bytes: 400_000 });
    const pages = await readAll(new PageReader(), asked, 1000);
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 3, 1]);
  });

  it('holds few streams open, and none in the end', async () => {
    const reader = new PageReader();
    const { seen, asked } = numbers(100);
    for (let size = 1; size <= 50; size++) await reader.read(asked(size, ''));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.open).toBe(16);
    await reader.close();
    expect(seen.open).toBe(0);
  });
});
