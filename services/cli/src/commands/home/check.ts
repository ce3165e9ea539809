/** fine; optional: works without it; broken: Hone cannot work. */
export type Health = 'fine' | 'optional' | 'broken';
/** What one check found. */
export interface Check {
  readonly name: string;
  readonly health: Health;
  readonly finding: string;
}
