import type { ArtifactStore } from '@hone/artifacts';
import {
  runIdOf,
  Sample,
  StepKind,
  SampleOutcome,
  type ListSamplesRequest,
  type ListSamplesResponse,
} from '@hone/contracts';
import type { Database } from '@hone/database';
import { invalidArgument } from '@hone/errors';
import { getRun } from '../ledger/runs.ts';
import { lastIteration } from '../ledger/steps.ts';
import { findIterationRows } from './iteration-rows.ts';
import { sampledProblems, type SampledProblem } from './judged-samples.ts';
import type { PageReader, Position, Scanned } from './page.ts';

/** What lists of samples are read from. */
export interface SamplesOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly pages: PageReader;
}

const MAX_SEARCH_CHARACTERS = 1000;
const OUTCOMES = Object.values(SampleOutcome).filter((outcome) => outcome.startsWith('SAMPLE_OUTCOME_'));

/** Refuses an iteration that the run has not begun. */
export async function requireIteration(database: Database, runId: string, iteration: number): Promise<void> {
  if (iteration === 0) return;
  const last = await lastIteration(database, runId);
  if (iteration < 0 || iteration > last)
    throw invalidArgument('iteration', `must be from 0 to the run's ${last}, but is ${iteration}`);
}

/** Whether a sample is asked for. */
function filterOf({ outcomes, search }: ListSamplesRequest): (sample: Sample) => boolean {
  for (const [index, outcome] of outcomes.entries()) {
    const known = OUTCOMES.includes(outcome) && outcome !== SampleOutcome.UNSPECIFIED;
    if (!known) throw invalidArgument(`outcomes[${index}]`, 'must be one of the outcomes of the contract');
  }
  if (search.length > MAX_SEARCH_CHARACTERS)
    throw invalidArgument('search', `must be at most ${MAX_SEARCH_CHARACTERS} characters`);
  const text = search.toLowerCase();
  return ({ outcome, completion }) =>
    (outcomes.length === 0 || outcomes.includes(outcome)) &&
    (text === '' || completion!.text.toLowerCase().includes(text));
}

export const isSampled = (found: SampledProblem | { readonly row: number }): found is SampledProblem =>
  'samples' in found;

/** Samples one by one, those that are not asked for without their content. */
async function* scanSamples(
  problems: AsyncGenerator<SampledProblem | { readonly row: number }, void>,
  matches: (sample: Sample) => boolean,
  { samplesPerProblem, after }: { readonly samplesPerProblem: number; readonly after: Position | undefined },
): AsyncGenerator<Scanned<Sample>, void> {
  for await (const found of problems) {
    const { row } = found;
    if (!isSampled(found)) {
      yield { row, index: samplesPerProblem - 1, weight: samplesPerProblem };
      continue;
    }
    for (const [index, sample] of found.samples.entries()) {
      if (after && row === after.row && index <= after.index) continue;
      yield { row, index, weight: 1, ...(matches(sample) && { item: sample }) };
    }
  }
}

/** A page of what an iteration sampled, with verdicts. */
export async function listSamples(
  { database, store, pages }: SamplesOptions,
  request: ListSamplesRequest,
): Promise<ListSamplesResponse> {
  const { iteration, outcomes, problemId, search, pageSize, pageToken } = request;
  const run = await getRun(database, runIdOf(request.run, 'run'));
  await requireIteration(database, run.id, iteration);
  const matches = filterOf(request);
  const { items: samples, nextPageToken } = await pages.read<Sample>({
    list: ['samples', run.id, String(iteration), outcomes.join(), problemId, search],
    pageSize,
    pageToken,
    open: async (after) => {
      const rows = await findIterationRows(database, run, after?.iteration ?? iteration, StepKind.SAMPLE);
      const problems = sampledProblems(store, rows, { fromRow: after?.row ?? 0, problemId });
      const { samplesPerProblem, isFinal } = rows;
      return {
        iteration: rows.iteration,
        isFinal,
        items: scanSamples(problems, matches, { samplesPerProblem, after }),
      };
    },
    bytesOf: (sample) => Sample.encode(sample).finish().length,
  });
  return { samples, nextPageToken };
}
