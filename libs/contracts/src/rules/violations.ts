import { excerpt, invalidArguments, type FieldViolation } from '@hone/errors';

/** More of them help nobody to mend a request, and a hostile one breaks millions. */
const MOST_VIOLATIONS = 100;

/** Gathers broken rules, so that a caller hears of all of them at once. */
export class Violations {
  private readonly found: FieldViolation[] = [];

  /** Notes a broken rule. Write conditions so that NaN breaks them; `value` is what was found instead. */
  require(holds: boolean, field: string, rule: string, value?: number | string): void {
    if (!holds && this.found.length < MOST_VIOLATIONS) this.found.push({ field, description: described(rule, value) });
  }

  /** Notes a number that is not between the two, which are allowed themselves; NaN never is. `hint` says what the lower one means. */
  within(value: number, least: number, most: number, field: string, hint = ''): void {
    this.require(value >= least, field, `must be at least ${least}${hint && ` (${hint})`}`, value);
    this.require(!(value > most), field, `must be at most ${most}`, value);
  }

  /** Notes a number that is not above `limit`, or too large; NaN never passes. */
  above(value: number, limit: number, most: number, field: string): void {
    this.require(value > limit, field, `must be above ${limit}`, value);
    this.require(!(value > most), field, `must be at most ${most}`, value);
  }

  /** Notes a text that is too long. */
  atMost(text: string, chars: number, field: string): void {
    this.require(text.length <= chars, field, `must be at most ${chars} characters`, `${text.length}`);
  }

  /** What was noted so far. */
  get all(): readonly FieldViolation[] {
    return this.found;
  }

  /** Throws `INVALID_ARGUMENT` with all that was noted. */
  throwIfAny(): void {
    if (this.found.length > 0) throw invalidArguments(this.found);
  }
}

const described = (rule: string, value: number | string | undefined): string =>
  value === undefined ? rule : `${rule}, but is ${excerpt(String(value), 200)}`;
