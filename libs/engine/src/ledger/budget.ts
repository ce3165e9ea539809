import type { RunBudget } from '@hone/contracts';
import { resourceExhausted, type HoneError } from '@hone/errors';
import type { Spending } from './runs.ts';

function exceeded(what: string): HoneError {
  const message = `the run's budget is used up: ${what}; resume it with a greater budget`;
  return resourceExhausted('BUDGET_EXCEEDED', message);
}

/** Throws where a budget is used up; undefined is without limits, as is 0 for each. */
export function requireBudget(budget: RunBudget | undefined, { seconds, tokens, diskBytes }: Spending): void {
  if (!budget) return;
  if (budget.tokens > 0n && tokens >= budget.tokens) throw exceeded(`${tokens} of ${budget.tokens} tokens`);
  if (budget.seconds > 0 && seconds >= budget.seconds) {
    throw exceeded(`${seconds.toFixed(1)} of ${budget.seconds} seconds`);
  }
  if (budget.diskBytes > 0n && diskBytes >= budget.diskBytes) {
    throw exceeded(`${diskBytes} of ${budget.diskBytes} bytes in the store`);
  }
}

/** Milliseconds of work that are left; undefined means no limit. */
export function millisecondsLeft(budget: RunBudget | undefined, { seconds }: Spending): number | undefined {
  if (!budget || budget.seconds === 0) return undefined;
  return Math.max(0, budget.seconds - seconds) * 1000;
}
