import type { ArtifactStore } from '@hone/artifacts';
import { nameOfDigest, Problem, type ProblemSet, type UploadProblemSetRequest } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { problemViolations } from './problem-rules.ts';

/** Stores a problem set that a client sends; nothing where it breaks a rule. */
export async function uploadProblemSet(
  store: ArtifactStore,
  requests: AsyncIterable<UploadProblemSetRequest>,
  { signal }: { readonly signal: AbortSignal },
): Promise<ProblemSet> {
  const { digest, count } = await store.putJsonLines(problemRows(requests), { signal });
  return { name: nameOfDigest('problemSets', digest), problemCount: count };
}

/** Checked problems as rows; throws before the end where the set as a whole is not valid, so that nothing is stored. */
async function* problemRows(requests: AsyncIterable<UploadProblemSetRequest>): AsyncGenerator<object> {
  const ids = new Set<string>();
  for await (const { problem } of requests) {
    if (!problem) throw invalidArgument('problem', `message ${ids.size + 1} has none`);
    const [violation] = problemViolations(problem);
    if (violation) throw invalidArgument(violation.field, `${violation.description} (problem ${ids.size + 1})`);
    if (ids.has(problem.id)) throw invalidArgument('problem.id', `"${problem.id}" occurs twice in the set`);
    ids.add(problem.id);
    yield Problem.toJSON(problem) as object;
  }
  if (ids.size === 0) throw invalidArgument('problem', 'the set is empty: send at least one problem');
}
