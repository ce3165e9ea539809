/** Lists in SQL: what `readListRequest` of `@hone/listing` has read of a request, over the columns of a query. */
import type { Comparison, FieldKind, FilterFields, ListQuery, ListRules, OrderField, Position } from '@hone/listing';
import { sql, type RawBuilder, type SelectQueryBuilder, type SqlBool } from 'kysely';

/** A field of a list. */
export interface ListColumn<Row> {
  readonly kind: FieldKind;
  /** The column, or an expression over several. */
  readonly sql: RawBuilder<unknown>;
  /** What a filter's text is in the database, where that is not the text itself. */
  readonly toSql?: (text: string) => string;
  /** The column's value in a row, where lists can be ordered by it; never missing. */
  readonly of?: (row: Row) => string | number | Date;
  /** Only orders lists, and is no field of a filter. */
  readonly hidden?: boolean;
}

/** The fields of a list, in snake_case as in the proto. */
export type ListColumns<Row> = Readonly<Record<string, ListColumn<Row>>>;

/** The rules by which `readListRequest` reads requests for a list with these columns. `list` names it and its parent. */
export function listRules<Row>(list: readonly string[], columns: ListColumns<Row>, lastOrder: OrderField): ListRules {
  const shown = Object.entries(columns).filter(([, { hidden }]) => !hidden);
  const filterFields: FilterFields = Object.fromEntries(shown.map(([field, { kind }]) => [field, kind]));
  return { list, filterFields, orderFields: shown.flatMap(([field, column]) => (column.of ? [field] : [])), lastOrder };
}

/** Reads a page of what a query selects. */
export async function readPage<Tables, Table extends keyof Tables, Row>(
  select: SelectQueryBuilder<Tables, Table, Row>,
  query: ListQuery,
  columns: ListColumns<Row>,
): Promise<{ rows: Row[]; nextPageToken: string }> {
  const { comparisons, order, after, limit } = query;
  let page = select;
  for (const comparison of comparisons) page = page.where(condition(comparison, columns[comparison.field]!));
  if (after) page = page.where(isBehind(after, order, columns));
  for (const { field, descending } of order) page = page.orderBy(columns[field]!.sql, descending ? 'desc' : 'asc');
  // One row beyond the page shows whether there is another.
  const found = (await page.limit(limit + 1).execute()) as Row[];
  const rows = found.slice(0, limit);
  const nextPageToken = found.length > limit ? query.tokenAfter(positionOf(rows.at(-1)!, order, columns)) : '';
  return { rows, nextPageToken };
}

function positionOf<Row>(row: Row, order: readonly OrderField[], columns: ListColumns<Row>): Position {
  return order.map(({ field }) => {
    const value = columns[field]!.of!(row);
    return value instanceof Date ? value.toISOString() : value;
  });
}

function condition<Row>({ key, operator, value }: Comparison, column: ListColumn<Row>): RawBuilder<SqlBool> {
  const text = typeof value === 'string' && column.toSql ? column.toSql(value) : value;
  if (operator === 'has') return sql`jsonb_exists(${column.sql}, ${key})`;
  // In this form an index over the whole map serves.
  if (key !== undefined && operator === '=')
    return sql`${column.sql} @> jsonb_build_object(${key}::text, ${text}::text)`;
  const left = key === undefined ? column.sql : sql`${column.sql} ->> ${key}`;
  const right = key === undefined ? typed(column.kind, text) : sql`${text}::text`;
  if (operator === 'prefix') return sql`starts_with(${left}, ${right})`;
  // What has no value is not equal to any.
  if (operator === '!=') return sql`(${left}) is distinct from ${right}`;
  return sql`(${left}) ${sql.raw(operator)} ${right}`;
}

const TYPES: Readonly<Record<string, string>> = { integer: 'bigint', time: 'timestamptz' };

function typed(kind: FieldKind, value: unknown): RawBuilder<unknown> {
  return sql`${value}::${sql.raw((typeof kind === 'string' && TYPES[kind]) || 'text')}`;
}

/** Behind a row in an order: behind it in one field, and equal to it in all before. */
function isBehind<Row>(after: Position, order: readonly OrderField[], columns: ListColumns<Row>): RawBuilder<SqlBool> {
  const compare = (index: number, operator: string): RawBuilder<unknown> => {
    const { kind, sql: column } = columns[order[index]!.field]!;
    return sql`${column} ${sql.raw(operator)} ${typed(kind, after[index])}`;
  };
  const cases = order.map(({ descending }, index) => {
    const equal = order.slice(0, index).map((_, before) => compare(before, '='));
    return sql`(${sql.join([...equal, compare(index, descending ? '<' : '>')], sql` and `)})`;
  });
  return sql`(${sql.join(cases, sql` or `)})`;
}
