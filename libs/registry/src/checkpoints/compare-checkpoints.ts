/** Two checkpoints beside each other: recipes, ancestors, and what was measured. */
import { canonicalJson } from '@hone/artifacts';
import {
  digestOfName,
  EvaluationSpec,
  ScorerRef,
  type Checkpoint,
  type CompareCheckpointsRequest,
  type CompareCheckpointsResponse,
  type CompareEvaluationsRequest,
  type CompareEvaluationsResponse,
  type EvaluationPair,
  type RecordedEvaluation,
} from '@hone/contracts';
import { lineageOf } from '../lineage.ts';
import type { RegistryContext } from '../context.ts';
import { recipeDifferences } from './recipe-difference.ts';
import { evaluationsOf } from '../rows/evaluations.ts';

/** What a comparison needs. */
export interface CompareOptions extends RegistryContext {
  /** Compares two evaluations of the store problem by problem: the evaluator does. */
  readonly compareEvaluations: (request: CompareEvaluationsRequest) => Promise<CompareEvaluationsResponse>;
}

/** Compares recipes here, and outcomes problem by problem where both were measured alike. */
export async function compareCheckpoints(
  options: CompareOptions,
  request: CompareCheckpointsRequest,
): Promise<CompareCheckpointsResponse> {
  const { database } = options;
  const lineages = [
    await lineageOf(database, request.first, 'first'),
    await lineageOf(database, request.second, 'second'),
  ] as const;
  const [first, second] = [lineages[0][0]!, lineages[1][0]!];
  const measured = await evaluationsOf(
    database,
    [first, second].map(({ name }) => digestOfName('checkpoints', name, 'name')),
  );
  const pairs = pairUp(measured.get(first.name) ?? [], measured.get(second.name) ?? []);
  const evaluations: EvaluationPair[] = [];
  for (const [one, other] of pairs.both) {
    const comparison = await compareOutcomes(options, one, other, request.seed);
    evaluations.push({ first: one, second: other, comparison });
  }
  return {
    ...{ first, second, evaluations },
    recipe: recipeDifferences(JSON.parse(first.recipeJson || '{}'), JSON.parse(second.recipeJson || '{}')),
    commonAncestor: commonAncestor(...lineages),
    firstOnly: pairs.firstOnly,
    secondOnly: pairs.secondOnly,
  };
}

function commonAncestor(first: readonly Checkpoint[], second: readonly Checkpoint[]): string {
  const names = new Set(second.map(({ name }) => name));
  return first.find(({ name }) => names.has(name))?.name ?? '';
}

/** What two evaluations must share to be compared: problems, scorer and its version, and what was asked. */
function keyOf({ evaluation }: RecordedEvaluation): string {
  const { problemSet, scorer, scorerVersion, spec } = evaluation!;
  return canonicalJson({
    ...{ problemSet, scorerVersion },
    scorer: ScorerRef.toJSON(scorer!),
    spec: EvaluationSpec.toJSON(spec!),
  });
}

/** The newest of each kind, by what they have in common. */
function newest(evaluations: readonly RecordedEvaluation[]): Map<string, RecordedEvaluation> {
  const byKey = new Map<string, RecordedEvaluation>();
  for (const evaluation of evaluations) if (!byKey.has(keyOf(evaluation))) byKey.set(keyOf(evaluation), evaluation);
  return byKey;
}

function pairUp(first: readonly RecordedEvaluation[], second: readonly RecordedEvaluation[]) {
  const [one, other] = [newest(first), newest(second)];
  return {
    both: [...one].flatMap(([key, mine]) => (other.has(key) ? [[mine, other.get(key)!] as const] : [])),
    firstOnly: [...one].flatMap(([key, mine]) => (other.has(key) ? [] : [mine])),
    secondOnly: [...other].flatMap(([key, theirs]) => (one.has(key) ? [] : [theirs])),
  };
}

async function compareOutcomes(
  { store, compareEvaluations }: CompareOptions,
  one: RecordedEvaluation,
  other: RecordedEvaluation,
  seed: bigint,
): Promise<CompareEvaluationsResponse | undefined> {
  const names = [one.evaluation!.name, other.evaluation!.name] as const;
  for (const name of names)
    if (!(await store.hasJsonLines(digestOfName('evaluations', name, 'name')))) return undefined;
  return compareEvaluations({ first: names[0], second: names[1], seed });
}
