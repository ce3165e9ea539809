/** Comparing a result with one that was written to a file earlier. */
import { readFileSync } from 'node:fs';
import { invalidArgument, notFound } from '@hone/errors';
import { compareOutcomes, type ProblemOutcome } from '@hone/statistics';
import { z } from 'zod';
import { comparisonDocument, type ResultDocument } from './document.ts';

const outcome = z.object({ state: z.string(), answer: z.string().default(''), right: z.boolean() });

/** What of a result is compared. */
const earlierResult = z.object({
  benchmark: z.string(),
  checkpoint: z.string(),
  model: z.string(),
  outcomes: z.array(z.object({ id: z.string(), greedy: outcome.optional(), votes: z.array(outcome).default([]) })),
});

/** A result that was written before. */
export type EarlierResult = z.output<typeof earlierResult>;

/** Reads a result of `hone eval --json`. */
export function readResult(file: string): EarlierResult {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') throw notFound(`result ${file}`, 'check the path');
    if (thrown instanceof SyntaxError) throw invalidArgument(file, `is not JSON: ${thrown.message}`, thrown);
    throw thrown;
  }
  const checked = earlierResult.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw invalidArgument(file, `is no result of hone eval --json: ${issue?.path.join('.')} ${issue?.message}`);
}

type Compared = EarlierResult['outcomes'][number];

const problemOutcome = ({ id, greedy, votes }: Compared): ProblemOutcome => ({
  id,
  greedy: greedy && greedy.state !== 'error' ? greedy.right : undefined,
  votes: votes
    .filter(({ state }) => state !== 'error')
    .map(({ answer, right }) => ({ answer: answer === '' ? null : answer, right })),
});

/** What of a result is compared with later ones. */
export const earlierOf = (result: ResultDocument): EarlierResult => earlierResult.parse(result);

/** Adds to a result how it differs from an earlier one of the same benchmark. */
export function withComparison(result: ResultDocument, earlier: EarlierResult, seed: bigint): ResultDocument {
  if (earlier.benchmark !== result.benchmark)
    throw invalidArgument('--compare', `must be a result of ${result.benchmark}, but is one of ${earlier.benchmark}`);
  const mine = earlierOf(result).outcomes;
  const options = { k: result.majority?.k ?? 0, seed };
  const compared = compareOutcomes(earlier.outcomes.map(problemOutcome), mine.map(problemOutcome), options);
  return {
    ...result,
    comparison: { with: `${earlier.model} (${earlier.checkpoint})`, ...comparisonDocument(compared) },
  };
}
