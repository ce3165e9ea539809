import {
  Dataset,
  JudgedProblem,
  PairReport,
  Verdict,
  type BuildPairsRequest,
  type ResourceUsage,
  type UploadDatasetRequest,
} from '@hone/contracts';
import { internal } from '@hone/errors';
import { callBidi, callClientStream } from '@hone/rpc';
import type { StepOutcome } from '../database/phases.ts';
import { seedOf } from '../seeds.ts';
import { callService } from './call-service.ts';
import { noPairs, wrongExamples } from './no-pairs.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** What the pair phase gives. */
export interface PairResult {
  /** PairReport, as JSON. */
  readonly report: unknown;
  /** "datasets/{sha256}". */
  readonly dataset: string;
}

/** What the pair phase reads. */
export interface JudgedSamples {
  readonly completions: string;
  readonly verdicts: string;
  readonly problems: number;
}

/** Builds pairs and stores them as the next training set. Problems flow through one at a time. */
export async function pairPhase(context: StepContext, judged: JudgedSamples): Promise<StepOutcome<PairResult>> {
  const usage = new UsageSum();
  const build = () => buildAndStore(context, judged);
  const { report, dataset, used } = await callService(context, 'pairBuilder', context.signal, build);
  usage.add(used);
  const artifacts = { pairs: dataset.name.slice('datasets/'.length) };
  return { result: { report: PairReport.toJSON(report), dataset: dataset.name }, usage: usage.total(), artifacts };
}

async function buildAndStore(
  { store, spec, iteration, peers, signal, policy, progress }: StepContext,
  judged: JudgedSamples,
): Promise<{ report: PairReport; dataset: Dataset; used: ResourceUsage | undefined }> {
  const { timeoutMs } = policy;
  let report: PairReport | undefined;
  let used: ResourceUsage | undefined;
  async function* requests(): AsyncGenerator<BuildPairsRequest> {
    const config = { ...spec.pairs!, seed: seedOf(spec.seed, iteration, 'pairs') };
    yield { message: { $case: 'config', value: config } };
    let done = 0;
    for await (const problem of judgedProblems(store, judged)) {
      yield { message: { $case: 'problem', value: problem } };
      progress({ done: BigInt(++done), total: BigInt(judged.problems), unit: 'problems' });
    }
  }
  async function* groups(): AsyncGenerator<UploadDatasetRequest> {
    for await (const { message, usage } of callBidi(peers.pairBuilder, 'buildPairs', requests(), {
      signal,
      timeoutMs,
    })) {
      if (message?.$case === 'group') yield { record: { $case: 'group', value: message.value } };
      if (message?.$case === 'report') [report, used] = [message.value, usage];
    }
    if (!report) throw internal('the pair-builder ended without its report');
    if (report.pairs === 0) throw noPairs(report, await wrongExamples(judgedProblems(store, judged)));
  }
  const dataset = await callClientStream(peers.trainer, 'uploadDataset', groups(), { signal, timeoutMs });
  return { report: report!, dataset, used };
}

/** Completions joined with their verdicts, which lie in the same order. */
async function* judgedProblems(store: StepContext['store'], judged: JudgedSamples): AsyncGenerator<JudgedProblem> {
  const verdicts = store.readJsonLines(judged.verdicts);
  try {
    for await (const row of store.readJsonLines(judged.completions)) {
      const problem = JudgedProblem.fromJSON(row);
      for (const sample of problem.completions) {
        const { value, done } = await verdicts.next();
        const verdict = done ? undefined : Verdict.fromJSON(value);
        if (verdict?.id !== `${problem.problemId}#${sample.completion!.sampleIndex}`) {
          throw internal(`completions ${judged.completions} and verdicts ${judged.verdicts} do not fit together`);
        }
        sample.verdict = verdict;
      }
      yield problem;
    }
  } finally {
    await verdicts.return();
  }
}
