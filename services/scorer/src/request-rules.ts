import { checkSettings, Violations, type GroupAnswersRequest, type ScoreRequest } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

const MAX_ITEMS = 1000;
const MAX_SETS = 1000;
const MAX_ANSWERS = 1024;
const MAX_ITEM_TIMEOUT_MS = 600_000;

/** Checks what is the same for all scorers. */
export function checkScoreRequest({ items, itemTimeoutMs, config }: ScoreRequest): void {
  if (items.length < 1 || items.length > MAX_ITEMS) {
    throw invalidArgument('items', `must be 1 to ${MAX_ITEMS} items, but are ${items.length}`);
  }
  if (itemTimeoutMs < 0 || itemTimeoutMs > MAX_ITEM_TIMEOUT_MS) {
    throw invalidArgument('item_timeout_ms', `must be 0 to ${MAX_ITEM_TIMEOUT_MS}, but is ${itemTimeoutMs}`);
  }
  const violations = new Violations();
  checkSettings(config, 'config', violations);
  violations.throwIfAny();
}

/** Checks the number of sets and of their answers. */
export function checkGroupRequest({ sets }: GroupAnswersRequest): void {
  if (sets.length < 1 || sets.length > MAX_SETS)
    throw invalidArgument('sets', `must be 1 to ${MAX_SETS} sets, but are ${sets.length}`);
  for (const [index, { answers }] of sets.entries())
    if (answers.length < 1 || answers.length > MAX_ANSWERS)
      throw invalidArgument(`sets[${index}].answers`, `must be 1 to ${MAX_ANSWERS} answers, but are ${answers.length}`);
}
