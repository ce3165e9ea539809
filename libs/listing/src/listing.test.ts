import { expect, it, describe } from 'vitest';
import { parseFilter, parseOrderBy, readListRequest, readReadMask, readUpdateMask, requireEtag } from './index.ts';

const FIELDS = {
  name: 'text',
  iteration: 'integer',
  create_time: 'time',
  labels: 'map',
  state: ['DONE', 'FAILED'],
} as const;
const RULES = {
  list: ['things', 'parents/a'],
  filterFields: FIELDS,
  orderFields: ['create_time', 'iteration'],
  lastOrder: { field: 'number', descending: true },
};

describe('a filter', () => {
  it('is comparisons joined by AND, with values of the kind of each field', () => {
    const text = `name = "a \\"b\\" AND c" AND iteration>=2 AND state != FAILED AND create_time < 2026-01-02T03:04:05Z`;
    expect(parseFilter(text, FIELDS)).toEqual([
      { field: 'name', key: undefined, operator: '=', value: 'a "b" AND c' },
      { field: 'iteration', key: undefined, operator: '>=', value: '2' },
      { field: 'state', key: undefined, operator: '!=', value: 'FAILED' },
      { field: 'create_time', key: undefined, operator: '<', value: new Date('2026-01-02T03:04:05Z') },
    ]);
    expect(parseFilter('  ', FIELDS)).toEqual([]);
  });

  it('asks maps for keys and values, and text for how it begins', () => {
    expect(parseFilter('labels.team/x = a AND labels:owner AND name = runs/2026*', FIELDS)).toEqual([
      { field: 'labels', key: 'team/x', operator: '=', value: 'a' },
      { field: 'labels', key: 'owner', operator: 'has', value: '' },
      { field: 'name', key: undefined, operator: 'prefix', value: 'runs/2026' },
    ]);
  });

  it.each([
    ['name', /must be comparisons/],
    ['name = a OR name = b', /joined by AND, but is not at "OR name = b"/],
    ['name = a name = b', /must be comparisons/],
    ['name = a AND', /must be comparisons/],
    ['NOT name = a', /must be comparisons/],
    ['(name = a)', /must be comparisons/],
    ["name = 'a'; drop table runs", /must be comparisons/],
    ['secret = a', /"secret" is no field to filter by: take name,/],
    ['constructor = a', /no field to filter by/],
    ['name.x = a', /"name" has no keys/],
    ['name < a', /cannot be compared by </],
    ['iteration = two', /whole number, not "two"/],
    ['create_time > yesterday', /a time like/],
    ['create_time > 2026-13-45', /a time like/],
    ['state = LOST', /one of DONE, FAILED/],
    ['labels = a', /compared as labels\.key/],
    [`name = "${'x'.repeat(3000)}"`, /at most 2000 characters/],
    [Array.from({ length: 30 }, () => 'iteration = 1').join(' AND '), /at most 20 comparisons/],
  ])('%s is refused with the reason', (text, message) => {
    expect(() => parseFilter(text, FIELDS)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});

describe('an order', () => {
  it('has fields of the list, each once, upwards unless they say desc', () => {
    expect(parseOrderBy('iteration, create_time desc', RULES.orderFields)).toEqual([
      { field: 'iteration', descending: false },
      { field: 'create_time', descending: true },
    ]);
    for (const text of ['name', 'iteration down', 'iteration,', 'iteration, iteration desc', '1; --'])
      expect(() => parseOrderBy(text, RULES.orderFields)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
  });
});

describe('a page token', () => {
  const request = { pageSize: 10, pageToken: '', filter: 'iteration = 1', orderBy: 'create_time' };

  it('leads to the page behind the row that it was made of', () => {
    const first = readListRequest(request, RULES);
    expect(first).toMatchObject({ limit: 10, after: undefined });
    expect(first.order).toEqual([{ field: 'create_time', descending: false }, RULES.lastOrder]);
    const pageToken = first.tokenAfter(['2026-01-01T00:00:00.000Z', 7]);
    const next = readListRequest({ ...request, pageSize: 20, pageToken }, RULES);
    expect(next).toMatchObject({ limit: 20, after: ['2026-01-01T00:00:00.000Z', 7] });
  });

  it('is refused where filter, order or parent are others than those it was made for', () => {
    const pageToken = readListRequest(request, RULES).tokenAfter(['x', 1]);
    const other = { ...RULES, list: ['things', 'parents/b'] };
    const cases = [
      () => readListRequest({ ...request, pageToken, filter: 'iteration = 2' }, RULES),
      () => readListRequest({ ...request, pageToken, orderBy: 'create_time desc' }, RULES),
      () => readListRequest({ ...request, pageToken }, other),
      () => readListRequest({ ...request, pageToken: 'x' }, RULES),
      () => readListRequest({ ...request, pageToken: Buffer.from('{"a":1}').toString('base64url') }, RULES),
    ];
    for (const read of cases)
      expect(read).toThrow(expect.objectContaining({ violations: [expect.objectContaining({ field: 'page_token' })] }));
  });

  it('comes with a page size of 0 to 1000, where 0 is 50', () => {
    expect(readListRequest({ pageSize: 0, pageToken: '' }, RULES).limit).toBe(50);
    for (const pageSize of [-1, 1001, 1.5])
      expect(() => readListRequest({ pageSize, pageToken: '' }, RULES)).toThrow(/page_size/);
  });
});

describe('field masks', () => {
  interface Thing {
    displayName: string;
    count: number;
  }
  const type = { fromPartial: (partial: Partial<Thing>): Thing => ({ displayName: '', count: 0, ...partial }) };

  it('of a read leave only the fields they name', () => {
    const thing = { displayName: 'a', count: 3 };
    expect(readReadMask(['display_name'], type)(thing)).toEqual({ displayName: 'a', count: 0 });
    expect(readReadMask([], type)(thing)).toEqual(thing);
    expect(() => readReadMask(['displayName'], type)).toThrow(
      /read_mask: "displayName" is none of display_name, count/,
    );
  });

  it('of an update must name what can be changed', () => {
    expect(readUpdateMask(['notes', 'notes'], ['notes', 'labels'])).toEqual(['notes']);
    expect(readUpdateMask(['*'], ['notes', 'labels'])).toEqual(['notes', 'labels']);
    for (const mask of [undefined, [], ['name']]) expect(() => readUpdateMask(mask, ['notes'])).toThrow(/update_mask/);
  });
});

it('an etag of an earlier state stops a change', () => {
  requireEtag('"3"', 3, 'things/a');
  requireEtag('', 3, 'things/a');
  expect(() => requireEtag('"2"', 3, 'things/a')).toThrow(
    expect.objectContaining({ code: 'ABORTED', reason: 'ETAG_MISMATCH' }),
  );
});
