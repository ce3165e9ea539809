/**
 * What a list call asks for, read and checked in one place (AIP-132, AIP-158, AIP-160): how many, from where on, which, in which
 * order. How that becomes SQL is the matter of who has the rows.
 */
import { invalidArgument } from '@hone/errors';
import { parseFilter, type Comparison, type FilterFields } from './filter.ts';
import { parseOrderBy, type OrderField } from './order-by.ts';
import { makePageToken, readPageToken, type Position } from './page-token.ts';

const DEFAULT_SIZE = 50;
const MAX_SIZE = 1000;

/** The fields that list requests share. */
export interface ListRequest {
  readonly pageSize: number;
  readonly pageToken: string;
  readonly filter?: string;
  readonly orderBy?: string;
}

/** What a list can be asked for. */
export interface ListRules {
  /** Names the list, with the parent or whatever else decides what is in it. */
  readonly list: readonly string[];
  readonly filterFields: FilterFields;
  /** Fields to order by; none of their values may be missing in a row. */
  readonly orderFields: readonly string[];
  /** Orders what nobody asked to be ordered, and rows that are equal else: a field with a value of its own in each row. */
  readonly lastOrder: OrderField;
}

/** A page to read. */
export interface ListQuery {
  readonly limit: number;
  readonly comparisons: readonly Comparison[];
  /** Ends with `lastOrder`, so that no two rows are equal in it. */
  readonly order: readonly OrderField[];
  /** Values of the order's fields in the last row of the page before. */
  readonly after: Position | undefined;
  /** The token of the page behind the row with these values of the order's fields. */
  tokenAfter(position: Position): string;
}

/** Reads a list request. */
export function readListRequest(request: ListRequest, rules: ListRules): ListQuery {
  const { pageSize, pageToken, filter = '', orderBy = '' } = request;
  if (!Number.isInteger(pageSize) || pageSize < 0 || pageSize > MAX_SIZE)
    throw invalidArgument('page_size', `must be from 0 to ${MAX_SIZE}, but is ${pageSize}`);
  const comparisons = parseFilter(filter, rules.filterFields);
  const asked = parseOrderBy(orderBy, rules.orderFields);
  const isComplete = asked.some(({ field }) => field === rules.lastOrder.field);
  const order = isComplete ? asked : [...asked, rules.lastOrder];
  const list = [...rules.list, filter, orderBy];
  return {
    limit: pageSize === 0 ? DEFAULT_SIZE : pageSize,
    comparisons,
    order,
    after: readPageToken(pageToken, list, order.length),
    tokenAfter: (position) => makePageToken(list, position),
  };
}
