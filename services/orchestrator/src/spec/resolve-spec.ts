/** A run's spec beside what is there: everything that it names must exist, and what depends on it is filled in. */
import type { ArtifactStore } from '@hone/artifacts';
import { digestOfName, LIMITS, type RunSpec } from '@hone/contracts';
import type { Queryable } from '@hone/database';
import { dataLoss, invalidArgument, invalidArguments, notFound } from '@hone/errors';
import { checkTokenLimits, viewOf, withTokenLimits, type LoopView } from '@hone/recipes';
import { behind } from '@hone/settings';
import { getCheckpoint } from '@hone/registry';
import { contextOf } from './model-context.ts';
import type { ReadSpec } from './read-spec.ts';

/** The effective spec: its base by its full name, its token limits by the base's context. */
export async function resolveSpec(database: Queryable, store: ArtifactStore, read: ReadSpec): Promise<RunSpec> {
  const { spec } = read;
  const base = await getCheckpoint(database, spec.baseCheckpoint, 'spec.base_checkpoint');
  const digest = digestOfName('checkpoints', base.name, 'spec.base_checkpoint');
  if (!(await store.hasFolder(digest)))
    throw dataLoss(base.name, 'is registered, but its files are not in the store: import it again');
  const context = await contextOf(store, digest);
  const settings = withTokenLimits(read.settings, context);
  const tooLong = context === undefined ? [] : checkTokenLimits(settings, context);
  if (tooLong.length > 0) throw invalidArguments(behind('spec.settings', tooLong));
  const view = viewOf(settings);
  await requireUploads(store, spec, view);
  await requireEnoughProblems(store, spec, view);
  return { ...spec, baseCheckpoint: base.name, settings };
}

async function requireUploads(store: ArtifactStore, spec: RunSpec, { datasets }: LoopView): Promise<void> {
  for (const { field, name } of datasets)
    if (!(await store.hasJsonLines(digestOfName('datasets', name, `spec.settings.${field}`))))
      throw notFound(name, 'upload it with UploadService.UploadDataset first');
  const sets = [
    ['spec.train_problem_set', spec.trainProblemSet],
    ['spec.test_problem_set', spec.testProblemSet],
    ['spec.validation_problem_set', spec.validationProblemSet],
  ] as const;
  for (const [field, name] of sets)
    if (name !== '' && !(await store.hasJsonLines(digestOfName('problemSets', name, field))))
      throw notFound(name, 'upload it with UploadService.UploadProblemSet first');
}

async function requireEnoughProblems(store: ArtifactStore, spec: RunSpec, view: LoopView): Promise<void> {
  const { problemsPerIteration, mostSamples } = view;
  let count = 0;
  const rows = store.readJsonLines(digestOfName('problemSets', spec.trainProblemSet, 'spec.train_problem_set'));
  while (!(await rows.next()).done) count += 1;
  if (problemsPerIteration > count) {
    const rule = `must be at most the ${count} problems of the training set, but is ${problemsPerIteration}`;
    throw invalidArgument('spec.settings.problems_per_iteration', rule);
  }
  const completions = (problemsPerIteration || count) * mostSamples;
  if (completions <= LIMITS.completions) return;
  const rule = `times the problems of an iteration must be at most ${LIMITS.completions} completions, but is ${completions}`;
  throw invalidArgument('spec.settings.samples_per_problem', rule);
}
