/** A page of a list. */
interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string;
}

/** The most that a page can have. */
const LARGEST_PAGE = 1000;

/** The first items of a list that is read in pages, and whether there are more. Pages may be short, and empty. */
export async function readPages<Item>(
  limit: number,
  read: (pageSize: number, pageToken: string) => Promise<Page<Item>>,
): Promise<{ items: Item[]; hasMore: boolean }> {
  const items: Item[] = [];
  for (let pageToken = ''; ;) {
    // One beyond the limit shows whether there is more.
    const page = await read(Math.min(LARGEST_PAGE, limit + 1 - items.length), pageToken);
    items.push(...page.items);
    if (items.length > limit) return { items: items.slice(0, limit), hasMore: true };
    if (page.nextPageToken === '') return { items, hasMore: false };
    pageToken = page.nextPageToken;
  }
}
