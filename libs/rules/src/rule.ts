/** What a dataset rule is: it turns a problem's judged completions, or its gold solution, into pairs or examples to train on. */
import type { SettingsSchema } from '@hone/settings';
import type { z } from 'zod';

/** What a rule knows of a completion. */
export interface JudgedCompletion {
  /** Tokens of the completion; equal ones are the same completion. */
  readonly tokenIds: Int32Array;
  readonly text: string;
  readonly state: 'SCORED' | 'UNSCORABLE' | 'TRUNCATED' | 'ERROR';
  /** 1 is right; meaningful only where SCORED. */
  readonly score: number;
  /** Whether it was cut off, also where an answer was found in it. */
  readonly truncated: boolean;
}

/** What a rule knows of a problem. */
export interface JudgedProblem {
  readonly id: string;
  readonly promptTokenIds: Int32Array;
  /** The right answer; empty where it is not known here. */
  readonly gold: string;
  /** A worked solution; empty where the problem has none. */
  readonly solution: string;
  /** At least one where the rule needs verdicts. */
  readonly completions: readonly JudgedCompletion[];
}

/** A preference; both are indices into the problem's completions. */
export interface Pair {
  readonly chosen: number;
  readonly rejected: number;
}

/** A demonstration: a completion by its index, or the problem's solution. */
export type Demonstration = number | 'solution';

/** Why a problem gives nothing. */
export type Skipped =
  /** Every usable completion was right. */
  | 'all right'
  /** None was right. */
  | 'all wrong'
  /** Nothing usable was left. */
  | 'empty';

/** How many completions, pairs or solutions were left out, by the reason, in snake_case. */
export type Dropped = Readonly<Record<string, number>>;

/** What a rule makes of a problem: pairs or examples, as it says of itself, or why neither. */
export interface Outcome {
  readonly pairs?: readonly Pair[];
  readonly examples?: readonly Demonstration[];
  readonly dropped: Dropped;
  /** Only where it gives nothing. */
  readonly skipped?: Skipped;
}

/** A rule: what it is, what can be set, and what it does. */
export interface Rule<Schema extends SettingsSchema = SettingsSchema> {
  /** Small letters, digits and hyphens. */
  readonly name: string;
  /** Rises whenever the same input may give other pairs or examples. */
  readonly version: number;
  /** One line, for lists. */
  readonly summary: string;
  /** Where it comes from: paper, section or equation. */
  readonly source: string;
  readonly produces: 'pairs' | 'examples';
  readonly needs: {
    /** Judged completions. Without them it takes problems that have none. */
    readonly verdicts: boolean;
    /** Worked solutions. */
    readonly solutions: boolean;
  };
  readonly settings: Schema;
  /** What it makes of a problem: of the problem, the settings and the seed alone, and always the same. */
  apply(problem: JudgedProblem, settings: z.output<Schema>, seed: bigint): Outcome;
}

/** A rule with the types of its settings worked out. */
export const defineRule = <Schema extends SettingsSchema>(rule: Rule<Schema>): Rule<Schema> => rule;
