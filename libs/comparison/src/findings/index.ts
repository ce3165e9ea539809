/** The kinds of findings, and how those of a comparison are checked. */
import { z } from 'zod';
import { beats } from './beats.ts';
import type { FindingKind, Measurements, Verdict } from './finding.ts';
import { improves } from './improves.ts';
import { chosenLogProb, rejectedLogProb } from './log-prob.ts';
import { majorityBeatsGreedy } from './majority.ts';

export const FINDING_KINDS = [
  improves,
  beats,
  chosenLogProb,
  rejectedLogProb,
  majorityBeatsGreedy,
] as readonly FindingKind[];

const KINDS = FINDING_KINDS.map(({ kind }) => kind);

/** A claim to check, as a file states it: its kind's settings are checked by that kind. */
export const finding = z
  .looseObject({
    kind: z.enum(KINDS).describe('What kind of claim.'),
    claim: z.string().max(300).optional().describe('The claim in other words; absent means those of its kind.'),
  })
  .check(({ value, issues }) => {
    const { known, settings } = partsOf(value);
    const found = known.settings.safeParse(settings, { reportInput: true });
    if (!found.success) for (const issue of found.error.issues) issues.push(issue as never);
  });
export type Finding = z.output<typeof finding>;

const kindOf = (name: string): FindingKind => FINDING_KINDS.find(({ kind }) => kind === name)!;

/** A finding's kind, and beside its own keys the settings of that kind. */
function partsOf({ kind, claim, ...settings }: { readonly kind: string; readonly claim?: string | undefined }) {
  return { known: kindOf(kind), claim, settings };
}

/** A finding's kind, and its settings with their defaults. */
function readFinding(given: Finding) {
  const { known, claim, settings } = partsOf(given);
  const read = known.settings.parse(settings);
  return { known, read, claim: claim ?? known.claim(read) };
}

/** Methods that a finding names, by the key that names them. */
export function methodsOf(given: Finding): Readonly<Record<string, string>> {
  const { known, read } = readFinding(given);
  return known.methods(read);
}

/** A claim, and whether it holds. */
export interface CheckedFinding extends Verdict {
  readonly kind: string;
  readonly claim: string;
}

export const checkFindings = (findings: readonly Finding[], measurements: Measurements): CheckedFinding[] =>
  findings.map((given) => {
    const { known, read, claim } = readFinding(given);
    return { kind: known.kind, claim, ...known.check(read, measurements) };
  });
