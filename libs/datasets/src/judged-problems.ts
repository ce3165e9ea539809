import type { ArtifactStore, Digest } from '@hone/artifacts';
import {
  JudgedProblem,
  Problem,
  ProblemComparisons,
  Verdict,
  type Comparison,
  type JudgedCompletion,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

/** Stored rows that belong together. Without completions each problem comes without any. */
export interface JudgedRows {
  readonly completions?: Digest | undefined;
  /** A row each completion, in their order. */
  readonly verdicts?: Digest | undefined;
  /** A row each problem of the completions that people were asked about, in their order. */
  readonly comparisons?: Digest | undefined;
  /** Among which are those of the completions, in their order. */
  readonly problems?: Digest | undefined;
}

/** Problems with their judged completions, in constant memory. */
export async function* judgedProblems(
  store: ArtifactStore,
  { completions, verdicts, comparisons, problems }: JudgedRows,
): AsyncGenerator<JudgedProblem, void, undefined> {
  if (completions === undefined) {
    if (problems !== undefined) yield* unsampled(store, problems);
    return;
  }
  const judge = new Verdicts(store, verdicts);
  const asked = new Comparisons(store, comparisons);
  const known = new Problems(store, problems);
  try {
    for await (const row of store.readJsonLines(completions)) {
      const judged = asMessage(() => JudgedProblem.fromJSON(row), 'completions');
      if (judged.problemId === '') throw invalidArgument('completions', 'are no rows of this kind (without problemId)');
      await judge.add(judged);
      judged.comparisons = await asked.of(judged.problemId);
      judged.problem = await known.of(judged.problemId);
      yield judged;
    }
    await judge.requireEnd();
    await asked.requireEnd();
  } finally {
    await judge.close();
    await asked.close();
    await known.close();
  }
}

async function* unsampled(store: ArtifactStore, problems: Digest): AsyncGenerator<JudgedProblem> {
  for await (const row of store.readJsonLines(problems)) {
    const problem = asMessage(() => Problem.fromJSON(row), 'problems');
    yield { problemId: problem.id, promptTokenIds: Buffer.alloc(0), completions: [], problem, comparisons: [] };
  }
}

/** Any rows may stand behind a digest. */
function asMessage<Message>(read: () => Message, kind: string): Message {
  try {
    return read();
  } catch (thrown) {
    throw invalidArgument(kind, `are no rows of this kind (${(thrown as Error).message})`, thrown);
  }
}

/** Verdicts that lie in the order of the completions. */
class Verdicts {
  private readonly rows: AsyncGenerator<unknown, void> | undefined;

  constructor(store: ArtifactStore, digest: Digest | undefined) {
    this.rows = digest === undefined ? undefined : store.readJsonLines(digest);
  }

  async add({ problemId, completions }: JudgedProblem): Promise<void> {
    if (!this.rows) return;
    for (const sample of completions) sample.verdict = await this.next(problemId, sample);
  }

  private async next(problemId: string, { completion }: JudgedCompletion): Promise<Verdict> {
    const { value, done } = await this.rows!.next();
    const verdict = done ? undefined : asMessage(() => Verdict.fromJSON(value), 'verdicts');
    const id = `${problemId}#${completion?.sampleIndex}`;
    if (verdict?.id === id) return verdict;
    const found = verdict ? `that of "${verdict.id}"` : 'their end';
    throw invalidArgument('verdicts', `must be those of the completions, in their order, but for "${id}" is ${found}`);
  }

  async requireEnd(): Promise<void> {
    const next = await this.rows?.next();
    if (next?.done === false) throw invalidArgument('verdicts', 'must be those of the completions, but there are more');
  }

  async close(): Promise<void> {
    await this.rows?.return();
  }
}

/** What people said, in the order of the completions' problems, some of which have none. */
class Comparisons {
  private readonly rows: AsyncGenerator<unknown, void> | undefined;
  private ahead: ProblemComparisons | undefined;

  constructor(store: ArtifactStore, digest: Digest | undefined) {
    this.rows = digest === undefined ? undefined : store.readJsonLines(digest);
  }

  async of(problemId: string): Promise<Comparison[]> {
    const row = await this.peek();
    if (row?.problemId !== problemId) return [];
    this.ahead = undefined;
    return row.comparisons;
  }

  async requireEnd(): Promise<void> {
    const left = await this.peek();
    if (!left) return;
    const rule = `must be of the completions' problems, in their order, but "${left.problemId}" is not`;
    throw invalidArgument('comparisons', rule);
  }

  async close(): Promise<void> {
    await this.rows?.return();
  }

  private async peek(): Promise<ProblemComparisons | undefined> {
    if (this.ahead || !this.rows) return this.ahead;
    const { value, done } = await this.rows.next();
    if (!done) this.ahead = asMessage(() => ProblemComparisons.fromJSON(value), 'comparisons');
    return this.ahead;
  }
}

/** Problems that lie in the order of the completions, with others between them. */
class Problems {
  private readonly rows: AsyncGenerator<unknown, void> | undefined;

  constructor(store: ArtifactStore, digest: Digest | undefined) {
    this.rows = digest === undefined ? undefined : store.readJsonLines(digest);
  }

  async of(id: string): Promise<Problem | undefined> {
    if (!this.rows) return undefined;
    for (;;) {
      const { value, done } = await this.rows.next();
      if (done)
        throw invalidArgument('problems', `must have those of the completions, in their order, but "${id}" is none`);
      if ((value as { id?: string }).id === id) return asMessage(() => Problem.fromJSON(value), 'problems');
    }
  }

  async close(): Promise<void> {
    await this.rows?.return();
  }
}
