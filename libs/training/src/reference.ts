import type { ModelConfig, Weights } from '@hone/checkpoint';
import { throwIfAborted } from '@hone/errors';
import type { Row } from './batch.ts';
import { LogProbRunner } from './step-runner.ts';
import type { PreferenceGroup } from './types.ts';

/**
 * The groups with a reference log-prob for every completion; those that are missing are computed from the reference weights,
 * once, so that no second model is held while training.
 */
export async function withReferenceLogProbs(
  groups: readonly PreferenceGroup[],
  reference: { readonly config: ModelConfig; readonly weights: Weights },
  options: { readonly threads: number; readonly signal?: AbortSignal | undefined },
): Promise<readonly PreferenceGroup[]> {
  const isMissing = ({ completions }: PreferenceGroup): boolean =>
    completions.some(({ referenceLogProb }) => referenceLogProb === undefined);
  if (!groups.some(isMissing)) return groups;
  const runner = await LogProbRunner.create(reference.config, reference.weights, options.threads);
  try {
    const complete: PreferenceGroup[] = [];
    for (const group of groups) {
      throwIfAborted(options.signal);
      complete.push(isMissing(group) ? await completed(group, runner) : group);
    }
    return complete;
  } finally {
    await runner.close();
  }
}

async function completed(group: PreferenceGroup, runner: LogProbRunner): Promise<PreferenceGroup> {
  const completions = [];
  for (const completion of group.completions) {
    const { promptTokenIds } = group;
    const row: Row = { promptTokenIds, completionTokenIds: completion.tokenIds, referenceLogProb: 0, nllWeight: 0 };
    const referenceLogProb = completion.referenceLogProb ?? (await runner.run([row]))[0]!;
    completions.push({ ...completion, referenceLogProb });
  }
  return { ...group, completions };
}
