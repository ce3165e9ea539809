/** What a claim about methods is, and what decides it. */
import type { z } from 'zod';
import type { MeasuredRun } from '../measured.ts';

/** What there is to decide by. */
export interface Measurements {
  readonly runs: readonly MeasuredRun[];
  /** A p-value below this is significant. */
  readonly significance: number;
}

/** What was found. */
export interface Verdict {
  readonly holds: boolean;
  /** Measurements in sentences. */
  readonly evidence: string;
  /** The same for programs. */
  readonly measured: unknown;
}

/** A kind of claims. */
export interface FindingKind<Schema extends z.ZodObject = z.ZodObject> {
  /** Stands in the file as "kind". */
  readonly kind: string;
  readonly settings: Schema;
  /** The claim in words. */
  claim(settings: z.output<Schema>): string;
  /** Methods that it names, each with the key that names it. */
  methods(settings: z.output<Schema>): Readonly<Record<string, string>>;
  check(settings: z.output<Schema>, measurements: Measurements): Verdict;
}

/** Gives the kind as it is; its settings' type is that of its schema. */
export const defineFinding = <Schema extends z.ZodObject>(kind: FindingKind<Schema>): FindingKind<Schema> => kind;

/** What could not be measured does not hold. */
export const notMeasured = (what: string): Verdict => ({
  holds: false,
  evidence: `Not measured: ${what}.`,
  measured: null,
});
