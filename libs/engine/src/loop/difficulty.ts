/** Which problems earlier iterations of a run always or never solved, from the stored verdicts on their samples alone. */
import type { ArtifactStore } from '@hone/artifacts';
import { isRight, Verdict, VerdictState } from '@hone/contracts';
import type { CurriculumSettings, RowsRef } from '@hone/recipes';

/** An iteration that sampled problems, and had the samples judged. */
export interface Look {
  readonly iteration: number;
  readonly verdicts: RowsRef<'verdicts'>;
}

/** A kind of problems that is treated by itself. */
export type Difficulty = 'always_solved' | 'never_solved';

/** The looks that count in an iteration, the latest first. */
export const looksFor = (
  looks: readonly Look[],
  iteration: number,
  { within }: Pick<CurriculumSettings, 'within'>,
): Look[] =>
  looks
    .filter((look) => look.iteration < iteration && (within === 0 || look.iteration >= iteration - within))
    .sort((one, other) => other.iteration - one.iteration);

/** What the latest looks at a problem agree on. */
interface Streak {
  readonly kind: Difficulty | 'mixed';
  looks: number;
  isOver: boolean;
}

/** The problems that so many latest looks agree on, by id; `looks` are the latest first. A look sees what it sampled. */
export async function difficultyOf(
  store: ArtifactStore,
  looks: readonly Look[],
  { looks: needed }: Pick<CurriculumSettings, 'looks'>,
): Promise<ReadonlyMap<string, Difficulty>> {
  const streaks = new Map<string, Streak>();
  for (const { verdicts } of looks) {
    for (const [id, kind] of await kindsIn(store, verdicts)) {
      const streak = streaks.get(id);
      if (!streak) streaks.set(id, { kind, looks: 1, isOver: false });
      else if (streak.kind !== kind) streak.isOver = true;
      else if (!streak.isOver) streak.looks += 1;
    }
  }
  const known = new Map<string, Difficulty>();
  for (const [id, { kind, looks: agreed }] of streaks) if (kind !== 'mixed' && agreed >= needed) known.set(id, kind);
  return known;
}

/** How each problem of a look was solved; one on which the scorer failed throughout was not seen. */
async function kindsIn(store: ArtifactStore, { digest }: RowsRef): Promise<ReadonlyMap<string, Streak['kind']>> {
  const kinds = new Map<string, Streak['kind']>();
  for await (const row of store.readJsonLines(digest)) {
    const verdict = Verdict.fromJSON(row);
    if (verdict.state === VerdictState.ERROR || verdict.state === VerdictState.UNSPECIFIED) continue;
    const id = problemOf(verdict);
    const kind = isRight(verdict) ? 'always_solved' : 'never_solved';
    kinds.set(id, (kinds.get(id) ?? kind) === kind ? kind : 'mixed');
  }
  return kinds;
}

/** Of a verdict's id, "{problem}#{sample}". */
const problemOf = ({ id }: Verdict): string => id.slice(0, id.lastIndexOf('#'));
