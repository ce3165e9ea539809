/** What a dataset rule is: it turns a problem's judged completions, or its gold solution, into pairs, examples or advantages to train on. */
import type { SettingsSchema } from '@hone/settings';
import type { z } from 'zod';

/** What a rule knows of a completion. */
export interface JudgedCompletion {
  /** Tokens of the completion; equal ones are the same completion. */
  readonly tokenIds: Int32Array;
  readonly text: string;
  /** UNJUDGED only where the rule needs no verdicts. */
  readonly state: 'SCORED' | 'UNSCORABLE' | 'TRUNCATED' | 'ERROR' | 'UNJUDGED';
  /** 0 (wrong) to 1 (right); meaningful only where SCORED. */
  readonly score: number;
  /** The final answer in the scorer's normal form; empty unless SCORED. */
  readonly answer: string;
  /** Whether it was cut off, also where an answer was found in it. */
  readonly truncated: boolean;
  /** Log-prob of all tokens under the policy that sampled them; absent where it is not known. */
  readonly logProb?: number;
}

/** Two completions that people compared. */
export interface JudgedComparison {
  /** Indices into the problem's completions, of what was shown as A and as B. */
  readonly a: number;
  readonly b: number;
  /** By annotator; empty where nobody judged it. */
  readonly judgements: readonly { readonly annotator: string; readonly choice: 'A' | 'B' | 'TIE' | 'NEITHER' }[];
}

/** What a rule knows of a problem. */
export interface JudgedProblem {
  readonly id: string;
  readonly promptTokenIds: Int32Array;
  /** The right answer; empty where it is not known here. */
  readonly gold: string;
  /** A worked solution; empty where the problem has none. */
  readonly solution: string;
  /** At least one where the rule needs completions. */
  readonly completions: readonly JudgedCompletion[];
  /** Only where the rule needs them: none where people were not asked. */
  readonly comparisons?: readonly JudgedComparison[];
}

/** A demonstration: a completion by its index, or the problem's solution. */
export type Demonstration = number | 'solution';

/** A completion, and how much better it is than others of its problem. */
export interface Advantage {
  readonly completion: number;
  /** Below 0 where it is worse. */
  readonly advantage: number;
}

/** A preference: which is chosen over which of the problem's completions. */
export interface Pair {
  readonly chosen: Demonstration;
  readonly rejected: number;
  /** Name of the rule that made it; only where that is not the rule that was applied, but a stage of it. */
  readonly rule?: string;
}

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

/** What a rule makes of a problem: pairs, examples or advantages, as it says of itself, or why none. */
export interface Outcome {
  readonly pairs?: readonly Pair[];
  readonly examples?: readonly Demonstration[];
  readonly advantages?: readonly Advantage[];
  readonly dropped: Dropped;
  /** Only where it gives nothing. */
  readonly skipped?: Skipped;
}

/** What a rule must be given. */
export interface Needs {
  /** Judged completions. */
  readonly verdicts: boolean;
  /** Completions, judged or not; verdicts are of completions. Without both needs it takes problems that have none. */
  readonly completions?: boolean;
  /** What people said of completions, which come with it. */
  readonly comparisons?: boolean;
  /** Worked solutions. */
  readonly solutions: boolean;
}

/** The completions that a filter leaves: some of those that it was given, and perhaps the solution as one more. */
export interface Kept {
  readonly completions: readonly JudgedCompletion[];
  readonly dropped: Dropped;
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
  readonly produces: 'pairs' | 'examples' | 'advantages';
  readonly needs: Needs;
  /** What it needs with these settings, where they decide. */
  needsWith?(settings: z.output<Schema>): Needs;
  readonly settings: Schema;
  /** What it makes of a problem: of the problem, the settings and the seed alone, and always the same. */
  apply(problem: JudgedProblem, settings: z.output<Schema>, seed: bigint): Outcome;
  /** Only of a filter: which completions the stages behind it see. */
  filter?(problem: JudgedProblem, settings: z.output<Schema>): Kept;
  /** Only of a cut: which of the pairs that the stages before it made are left. */
  cut?(pairs: readonly Pair[], problem: JudgedProblem, settings: z.output<Schema>, seed: bigint): readonly Pair[];
}

/** A rule with the types of its settings worked out. */
export const defineRule = <Schema extends SettingsSchema>(rule: Rule<Schema>): Rule<Schema> => rule;
