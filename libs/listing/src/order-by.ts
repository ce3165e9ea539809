/** order_by of list calls (AIP-132): fields with `asc` or `desc`, separated by commas. */
import { excerpt, invalidArgument } from '@hone/errors';

/** One field of an order. */
export interface OrderField {
  readonly field: string;
  readonly descending: boolean;
}

const TERM = /^([a-z_]+)(?:\s+(asc|desc))?$/;

/** Reads order_by; each field at most once. */
export function parseOrderBy(text: string, fields: readonly string[], name = 'order_by'): OrderField[] {
  if (text.trim() === '') return [];
  const order = text.split(',').map((term) => {
    const [, field, direction] = TERM.exec(term.trim()) ?? [];
    if (field === undefined || !fields.includes(field)) {
      const rule = `must be fields to order by (${fields.join(', ')}), each with asc or desc, separated by commas`;
      throw invalidArgument(name, `${rule}, but has "${excerpt(term.trim(), 40)}"`);
    }
    return { field, descending: direction === 'desc' };
  });
  if (new Set(order.map(({ field }) => field)).size < order.length)
    throw invalidArgument(name, 'must name each field once');
  return order;
}
