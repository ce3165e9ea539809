import {
  BuildDatasetRequest,
  digestOfName,
  messageOf,
  PairBuilderServiceClient,
  type BuiltDataset as BuiltMessage,
} from '@hone/contracts';
import { rowsRefOf } from '@hone/datasets';
import type { BuildJob, BuiltDataset, Services } from '@hone/engine';
import { internal } from '@hone/errors';
import { callServerStream, type ReplicaSet } from '@hone/rpc';

/** Has the pair-builder build a dataset of what the store holds. */
export async function buildDataset(
  pairBuilder: ReplicaSet,
  job: BuildJob,
  { signal, timeoutMs, onProblems }: Parameters<Services['build']>[1],
): Promise<BuiltDataset> {
  const { rule: name, address, settings, seed, most, problemSet } = job;
  const problems = digestOfName('problemSets', problemSet, 'spec.train_problem_set');
  const request = messageOf(BuildDatasetRequest, {
    rule: { name, address, settings },
    ...{ seed, most },
    sources: job.sources.map(({ completions, verdicts, comparisons }) => ({
      completions,
      ...(verdicts && { verdicts }),
      ...(comparisons && { comparisons }),
    })),
    problems: rowsRefOf('problems', { digest: problems, count: 0 }),
  });
  let result: BuiltMessage | undefined;
  const answers = pairBuilder.stream(
    PairBuilderServiceClient,
    (client) => callServerStream(client, 'buildDataset', request, { signal, timeoutMs }),
    { signal },
  );
  for await (const { message } of answers) {
    if (message?.$case === 'progress') onProblems(Number(message.value.done), Number(message.value.total));
    if (message?.$case === 'result') result = message.value;
  }
  if (!result?.report) throw internal('the pair-builder ended without its report');
  return { rows: rowsOf(result), report: result.report, usage: result.usage };
}

/** The rows of what was built: groups where the rule made pairs. */
function rowsOf({ dataset, report }: BuiltMessage): BuiltDataset['rows'] {
  if (!dataset) return undefined;
  const kind = report!.pairs > 0 ? 'groups' : 'examples';
  const digest = digestOfName('datasets', dataset.name, 'dataset');
  return rowsRefOf(kind, { digest, count: dataset.recordCount });
}
