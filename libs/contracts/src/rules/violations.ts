import { invalidArguments, type FieldViolation } from '@hone/errors';

/** More of them help nobody to mend a request, and a hostile one breaks millions. */
const MOST_VIOLATIONS = 100;

/** Gathers broken rules, so that a caller hears of all of them at once. */
export class Violations {
  private readonly found: FieldViolation[] = [];

  /** Notes a broken rule. Write conditions so that NaN breaks them; `value` is what was found instead. */
  require(holds: boolean, field: string, rule: string, value?: number | string): void {
    if (!holds && this.found.length < MOST_VIOLATIONS)
      this.found.push({ field, description: value === undefined ? rule : `${rule}, but is ${value}` });
  }

  /** Throws `INVALID_ARGUMENT` with all that was noted. */
  throwIfAny(): void {
    if (this.found.length > 0) throw invalidArguments(this.found);
  }
}
