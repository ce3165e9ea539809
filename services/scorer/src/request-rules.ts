import type { ScoreRequest } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

const MAX_ITEMS = 1000;
const MAX_ITEM_TIMEOUT_MS = 600_000;

/** Checks what is the same for all scorers. */
export function checkScoreRequest({ items, itemTimeoutMs }: ScoreRequest): void {
  if (items.length < 1 || items.length > MAX_ITEMS) {
    throw invalidArgument('items', `must be 1 to ${MAX_ITEMS} items, but are ${items.length}`);
  }
  if (itemTimeoutMs < 0 || itemTimeoutMs > MAX_ITEM_TIMEOUT_MS) {
    throw invalidArgument('item_timeout_ms', `must be 0 to ${MAX_ITEM_TIMEOUT_MS}, but is ${itemTimeoutMs}`);
  }
}
