import type { ArtifactStore } from '@hone/artifacts';
import type { BuildDatasetRequest, RowsRef, SampleSource } from '@hone/contracts';
import { requireRows, type JudgedRows } from '@hone/datasets';
import { invalidArgument } from '@hone/errors';
import { LIMITS } from '@hone/limits';
import type { RowsKind } from '@hone/recipes';
import type { OpenRule } from './open-rule.ts';

/** The rows that a rule is applied to, source by source: all that it needs, and none that it cannot be given. */
export async function requireInputs(
  store: ArtifactStore,
  { sources, problems, most }: BuildDatasetRequest,
  { rule }: OpenRule,
): Promise<JudgedRows[]> {
  const { name, needs } = rule;
  const samples = needs?.verdicts
    ? 'judged completions'
    : needs?.completions || needs?.comparisons
      ? 'completions'
      : undefined;
  if (samples && sources.length === 0)
    throw invalidArgument('sources', `must be set: the rule ${name} needs ${samples}`);
  if (sources.length > LIMITS.iterations)
    throw invalidArgument('sources', `must be at most ${LIMITS.iterations}, but are ${sources.length}`);
  if (most < 0) throw invalidArgument('most', `must be at least 0, but is ${most}`);
  if (!problems && (needs?.solutions || sources.length === 0))
    throw invalidArgument(
      'problems',
      `must be set: the rule ${name} ${needs?.solutions ? 'needs solutions' : 'has no others'}`,
    );
  const rows = { problems: problems && (await requireRows(store, problems, 'problems', 'problems')) };
  if (sources.length === 0) return [rows];
  const found: JudgedRows[] = [];
  for (const [index, source] of sources.entries())
    found.push({
      ...rows,
      ...(await requireSource(store, source, `sources[${index}]`, rule)),
    });
  return found;
}

/** The samples of a source, with what the rule needs beside the completions. */
async function requireSource(
  store: ArtifactStore,
  { completions, verdicts, comparisons }: SampleSource,
  field: string,
  { name, needs }: OpenRule['rule'],
): Promise<JudgedRows> {
  if (!completions) throw invalidArgument(`${field}.completions`, 'must be set');
  if (needs?.verdicts && !verdicts)
    throw invalidArgument(`${field}.verdicts`, `must be set: the rule ${name} needs judged completions`);
  if (needs?.comparisons && !comparisons)
    throw invalidArgument(`${field}.comparisons`, `must be set: the rule ${name} needs what people said`);
  const digestOf = async (ref: RowsRef | undefined, kind: RowsKind): Promise<string | undefined> =>
    ref && (await requireRows(store, ref, kind, `${field}.${kind}`));
  return {
    completions: await digestOf(completions, 'completions'),
    verdicts: await digestOf(verdicts, 'verdicts'),
    comparisons: await digestOf(comparisons, 'comparisons'),
  };
}
