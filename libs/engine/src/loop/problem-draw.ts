import type { ArtifactStore } from '@hone/artifacts';
import { digestOfName, Problem, type RunSpec } from '@hone/contracts';
import type { Samples } from '@hone/recipes';
import { drawRank } from './seeds.ts';

/** The stored problems among which those of samples are. */
export const problemSetOf = ({ trainProblemSet }: RunSpec, { problems }: Pick<Samples, 'problems'> = {}): string =>
  problems?.digest ?? digestOfName('problemSets', trainProblemSet, 'spec.train_problem_set');

/** A problem to sample, and how often. */
export interface DrawnProblem {
  readonly problem: Problem;
  readonly samples: number;
}

/** The problems of one iteration, as often as asked for, without holding them in memory. */
export interface ProblemDraw {
  /** Problems. */
  readonly count: number;
  /** Completions that they want in all. */
  readonly samples: number;
  /** In the order of the set. */
  problems(): AsyncGenerator<DrawnProblem, void, undefined>;
}

/** What is drawn of a set. */
export interface DrawOptions {
  /** Problems; 0 means all. */
  readonly count: number;
  readonly seed: bigint;
  /** Of a problem by its id, its weight from 0 to 1, and its completions, at least 1. */
  readonly treat: (id: string) => { readonly weight: number; readonly samples: number };
  /** Most completions in all; 0 means no limit. */
  readonly most: number;
  /** Told of each problem that was left out, or drawn. */
  readonly onProblem?: (id: string, fate: Fate) => void;
}

/** What became of a problem; `over` is what the limit of completions left no room for. */
export type Fate = 'drawn' | 'left' | 'over';

interface Candidate {
  readonly index: number;
  readonly id: string;
  readonly rank: bigint;
  /** By which problems are drawn, the lowest first. */
  readonly key: number;
  readonly weight: number;
  readonly samples: number;
}

/**
 * Draws problems of a stored set. Which ones depends on the seed, and on the problems' ids and weights only: a problem's rank is a hash of
 * seed and id, and the lowest keys are drawn. With a weight, the key is that of Efraimidis and Spirakis (Weighted random sampling with
 * a reservoir, 2006, algorithm A), -ln(1 - u) / weight, with u the rank between 0 and 1; with weights of 1 it orders as the rank does.
 */
export async function drawProblems(store: ArtifactStore, digest: string, options: DrawOptions): Promise<ProblemDraw> {
  const { count, seed, treat, most, onProblem } = options;
  const candidates: Candidate[] = [];
  for await (const { index, problem } of readAll(store, digest)) {
    const { id } = problem;
    candidates.push(candidateOf({ index, id, rank: drawRank(seed, id), ...treat(id) }));
  }
  candidates.sort(byKey);
  const drawn = new Map<number, number>();
  let samples = 0;
  let isFull = false;
  for (const candidate of candidates) {
    const wanted = count > 0 ? candidate.weight > 0 && drawn.size < count : isTaken(candidate);
    isFull ||= wanted && most > 0 && samples + candidate.samples > most;
    if (wanted && !isFull) {
      drawn.set(candidate.index, candidate.samples);
      samples += candidate.samples;
    }
    onProblem?.(candidate.id, !wanted ? 'left' : isFull ? 'over' : 'drawn');
  }
  return {
    ...{ count: drawn.size, samples },
    async *problems() {
      for await (const { index, problem } of readAll(store, digest)) {
        const wanted = drawn.get(index);
        if (wanted !== undefined) yield { problem, samples: wanted };
      }
    },
  };
}

const RANKS = 2 ** 64;
const unit = (rank: bigint): number => Number(rank) / RANKS;

const candidateOf = (of: Omit<Candidate, 'key'>): Candidate => ({
  ...of,
  key: of.weight > 0 ? -Math.log1p(-unit(of.rank)) / of.weight : Infinity,
});

function byKey(left: Candidate, right: Candidate): number {
  if (left.key !== right.key) return left.key < right.key ? -1 : 1;
  return left.rank < right.rank ? -1 : left.rank > right.rank ? 1 : left.index - right.index;
}

/** Where all are taken: of problems with a weight, that share. */
const isTaken = ({ rank, weight }: Candidate): boolean => weight >= 1 || unit(rank) < weight;

async function* readAll(store: ArtifactStore, digest: string): AsyncGenerator<{ index: number; problem: Problem }> {
  let index = 0;
  for await (const row of store.readJsonLines(digest)) yield { index: index++, problem: Problem.fromJSON(row) };
}
