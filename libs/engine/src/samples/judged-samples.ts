/** The samples of an iteration with all that is known of them, streamed from the store in constant memory. */
import type { ArtifactStore } from '@hone/artifacts';
import {
  digestOfName,
  isRight,
  JudgedProblem,
  Problem,
  SampleOutcome,
  Verdict,
  VerdictState,
  type Completion,
  type Sample,
} from '@hone/contracts';
import { internal } from '@hone/errors';
import type { IterationRows, RowSource } from './iteration-rows.ts';
import { ForwardRows, storedRows } from './stored-rows.ts';

/** A problem with its samples. */
export interface SampledProblem {
  /** Number of the problem within the iteration. */
  readonly row: number;
  readonly problem: Problem;
  readonly samples: readonly Sample[];
}

/** What of an iteration is read. */
export interface ReadOptions {
  /** Number of the first problem. */
  readonly fromRow?: number;
  /** Only this problem; empty means all. */
  readonly problemId?: string;
}

const OUTCOMES: Readonly<Record<VerdictState, SampleOutcome>> = {
  [VerdictState.UNSPECIFIED]: SampleOutcome.ERROR,
  [VerdictState.SCORED]: SampleOutcome.WRONG,
  [VerdictState.UNSCORABLE]: SampleOutcome.UNSCORABLE,
  [VerdictState.TRUNCATED]: SampleOutcome.TRUNCATED,
  [VerdictState.ERROR]: SampleOutcome.ERROR,
};

/** A verdict in one word. */
export function outcomeOf(verdict: Verdict | undefined): SampleOutcome {
  if (!verdict) return SampleOutcome.PENDING;
  return isRight(verdict) ? SampleOutcome.RIGHT : OUTCOMES[verdict.state];
}

/** Problems with their samples, in order. A problem that is passed over is told by its row alone. */
export async function* sampledProblems(
  store: ArtifactStore,
  rows: IterationRows,
  { fromRow = 0, problemId = '' }: ReadOptions = {},
): AsyncGenerator<SampledProblem | { readonly row: number }, void> {
  const problems = new ProblemReader(store, rows);
  const verdicts = new VerdictReader(store, rows);
  try {
    for await (const { row, value } of numberedRows(store, rows, fromRow)) {
      const id = (value as { problemId?: string }).problemId ?? '';
      if (problemId !== '' && id !== problemId) {
        yield { row };
        continue;
      }
      const { completions } = JudgedProblem.fromJSON(value);
      const problem = await problems.of(id);
      const given = await verdicts.of(row, id, completions.length);
      const sampleOf = (completion: Completion, index: number): Sample => {
        const verdict = given?.[index];
        return { iteration: rows.iteration, problem, completion, verdict, outcome: outcomeOf(verdict) };
      };
      yield { row, problem, samples: completions.map(({ completion }, index) => sampleOf(completion!, index)) };
    }
  } finally {
    await problems.close();
    await verdicts.close();
  }
}

/** The rows of completions from a number on. */
async function* numberedRows(
  store: ArtifactStore,
  { iteration, completions }: IterationRows,
  fromRow: number,
): AsyncGenerator<{ row: number; value: unknown }, void> {
  for (const [index, { firstRow, digest }] of completions.entries()) {
    const behind = completions[index + 1]?.firstRow ?? Infinity;
    if (behind <= fromRow) continue;
    let row = firstRow;
    for await (const value of storedRows(store, digest, `the completions of iteration ${iteration}`)) {
      if (row >= fromRow) yield { row, value };
      row += 1;
    }
  }
}

/** Finds the problems of rows that come in the order of the problem set. */
class ProblemReader {
  private readonly rows: AsyncGenerator<unknown, void>;

  constructor(store: ArtifactStore, { problemSet }: IterationRows) {
    this.rows = storedRows(store, digestOfName('problemSets', problemSet, 'spec.train_problem_set'), problemSet);
  }

  async of(id: string): Promise<Problem> {
    for (;;) {
      const { done, value } = await this.rows.next();
      if (done) throw internal(`completions of "${id}" have no problem`);
      if ((value as { id?: string }).id === id) return Problem.fromJSON(value);
    }
  }

  async close(): Promise<void> {
    await this.rows.return();
  }
}

/** Finds the verdicts of rows that rise. */
class VerdictReader {
  private source: RowSource | undefined;
  private opened: ForwardRows | undefined;
  private readonly store: ArtifactStore;
  private readonly rows: IterationRows;

  constructor(store: ArtifactStore, rows: IterationRows) {
    this.store = store;
    this.rows = rows;
  }

  /** The verdicts on a row's samples; undefined where they are not judged yet. */
  async of(row: number, problemId: string, samples: number): Promise<Verdict[] | undefined> {
    const { iteration, verdicts } = this.rows;
    const source = verdicts.findLast(({ firstRow }) => firstRow <= row);
    if (!source) return undefined;
    if (source !== this.source) {
      await this.close();
      this.source = source;
      this.opened = new ForwardRows(storedRows(this.store, source.digest, `the verdicts of iteration ${iteration}`));
    }
    const found: Verdict[] = [];
    for (let index = 0; index < samples; index++) {
      const id = `${problemId}#${index}`;
      // Before the first lie those of problems that were passed over.
      const value = await (index === 0 ? this.opened!.find(id) : this.opened!.next());
      // The shard that would hold it is not finished.
      if (value === undefined && !this.rows.isFinal) return undefined;
      const verdict = Verdict.fromJSON(value ?? {});
      if (verdict.id !== id) throw internal(`completions and verdicts of iteration ${iteration} do not fit together`);
      found.push(verdict);
    }
    return found;
  }

  async close(): Promise<void> {
    await this.opened?.close();
    this.opened = undefined;
  }
}
