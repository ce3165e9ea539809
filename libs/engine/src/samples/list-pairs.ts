import {
  Completion,
  messageOf,
  PreferenceGroup,
  runIdOf,
  SampleOutcome,
  SamplePair,
  StepKind,
  type ListPairsRequest,
  type ListPairsResponse,
  type Sample,
} from '@hone/contracts';
import { NO_SAMPLE } from '@hone/datasets';
import { internal } from '@hone/errors';
import { getRun } from '../ledger/runs.ts';
import { findIterationRows, type IterationRows } from './iteration-rows.ts';
import { sampledProblems } from './judged-samples.ts';
import { isSampled, requireIteration, type SamplesOptions } from './list-samples.ts';
import type { Position, Scanned } from './page.ts';
import { storedRows } from './stored-rows.ts';

/** Pairs one by one. Groups and samples come in the same order, and every group has its samples. */
async function* scanPairs(
  { store }: Pick<SamplesOptions, 'store'>,
  rows: IterationRows,
  { problemId, after }: { readonly problemId: string; readonly after: Position | undefined },
): AsyncGenerator<Scanned<SamplePair>, void> {
  if (rows.pairs === undefined) return;
  const groups = storedRows(store, rows.pairs, `the pairs of iteration ${rows.iteration}`);
  // From the first problem on, so that groups and samples stay together.
  const problems = sampledProblems(store, rows, { problemId });
  const { samplesPerProblem } = rows;
  try {
    let group = await nextGroup(groups, problemId);
    for await (const found of problems) {
      if (!group) return;
      const { row } = found;
      const isOf = isSampled(found) && found.problem.id === group.problemId;
      const isBehind = !after || row >= after.row;
      if (!isOf || !isBehind) yield* isBehind ? [{ row, index: 0, weight: samplesPerProblem }] : [];
      else {
        for (const [index, pair] of pairsOf(group, found.samples).entries()) {
          if (after && row === after.row && index <= after.index) continue;
          yield { row, index, weight: 1, item: pair };
        }
      }
      if (isOf) group = await nextGroup(groups, problemId);
    }
    if (group) throw internal(`pairs of "${group.problemId}" have no samples`);
  } finally {
    await groups.return();
    await problems.return();
  }
}

/** The next group, or the next one of a problem. */
async function nextGroup(
  groups: AsyncGenerator<unknown, void>,
  problemId: string,
): Promise<PreferenceGroup | undefined> {
  for (;;) {
    const { done, value } = await groups.next();
    if (done) return undefined;
    const group = PreferenceGroup.fromJSON(value);
    // Behind those of the iteration stand those of samples that were replayed.
    if (group.source > 0) return undefined;
    if (problemId === '' || group.problemId === problemId) return group;
  }
}

/** The solution of a problem, in the form of its samples. */
const solutionOf = ({ iteration, problem }: Sample, text: string): Sample => ({
  ...{ iteration, problem, outcome: SampleOutcome.RIGHT, verdict: undefined },
  completion: messageOf(Completion, { text, sampleIndex: NO_SAMPLE }),
});

function pairsOf({ problemId, completions, pairs }: PreferenceGroup, samples: readonly Sample[]): SamplePair[] {
  const sampleOf = (position: number): Sample => {
    const sample = samples[completions[position]?.sampleIndex ?? -1];
    if (!sample) throw internal(`a pair of "${problemId}" names a sample that is not there`);
    return sample;
  };
  return pairs.map(({ chosen, rejected, rule }) => {
    const other = sampleOf(rejected);
    const solution = completions[chosen]?.sampleIndex === NO_SAMPLE;
    const preferred = solution ? solutionOf(other, completions[chosen]!.text) : sampleOf(chosen);
    return { chosen: preferred, rejected: { ...other, problem: undefined }, rule };
  });
}

/** A page of the pairs that an iteration trained on. */
export async function listPairs(
  { database, store, pages }: SamplesOptions,
  request: ListPairsRequest,
): Promise<ListPairsResponse> {
  const { iteration, problemId, pageSize, pageToken } = request;
  const run = await getRun(database, runIdOf(request.run, 'run'));
  await requireIteration(database, run.id, iteration);
  const { items: pairs, nextPageToken } = await pages.read<SamplePair>({
    list: ['pairs', run.id, String(iteration), problemId],
    pageSize,
    pageToken,
    open: async (after) => {
      const rows = await findIterationRows(database, run, after?.iteration ?? iteration, StepKind.BUILD);
      return { ...rows, items: scanPairs({ store }, rows, { problemId, after }) };
    },
    bytesOf: (pair) => SamplePair.encode(pair).finish().length,
  });
  return { pairs, nextPageToken };
}
