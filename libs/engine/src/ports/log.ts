/** Where the engine says what happens. */

type Facts = Readonly<Record<string, unknown>>;

/** A log. */
export interface EngineLog {
  info(facts: Facts, message: string): void;
  warn(facts: Facts, message: string): void;
  error(facts: Facts, message: string): void;
  /** Background work that failed: with its stack where the defect is our own. */
  failed(thrown: unknown, message: string, facts?: Facts): void;
  /** Does a run's work so that whatever is logged or called for it says so. */
  within<Result>(run: string, work: () => Promise<Result>): Promise<Result>;
}
