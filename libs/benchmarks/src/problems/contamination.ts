/**
 * Whether test problems stand among training problems: equal texts, and near duplicates by the sequences of words that they share.
 * The cost is linear in the text of both: the test problems are an index in memory, the training problems stream past it.
 */
import { invalidArgument } from '@hone/errors';
import type { Problem } from './problem.ts';

/** Words of a sequence. Long enough that sequences of the language's own are rare, short enough for questions of a line. */
const SEQUENCE_WORDS = 5;
/**
 * Test problems that a sequence is looked up for. "Express your answer as a common fraction" stands in hundreds and says nothing;
 * without a limit each of them would cost hundreds of look-ups.
 */
const MOST_HOLDERS = 20;

/** The problem of a training set that a test problem is like. */
export interface Overlap {
  readonly testId: string;
  readonly trainId: string;
  /** Equal apart from white space, letter case and punctuation. */
  readonly exact: boolean;
  /** Share of the test problem's sequences of five words that stand in the training problem too; 1 where both are equal. */
  readonly similarity: number;
}

/** What was found. */
export interface ContaminationReport {
  readonly trainProblems: number;
  readonly testProblems: number;
  /** For each test problem with any, the training problem most like it; the most similar first. */
  readonly overlaps: readonly Overlap[];
  readonly threshold: number;
}

/** The least similarity that counts as a near duplicate. */
export const CONTAMINATION_THRESHOLD = 0.8;

/** Words, numbers and operators: what changes a question's meaning. Delimiters of LaTeX and punctuation do not. */
export function contentWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+|\p{N}+|[-+*/=<>^|!≤≥≠±×÷√]/gu) ?? []
  );
}

/** The distinct sequences of a text; of a shorter one the whole of it. */
function sequencesOf(words: readonly string[]): Set<string> {
  const sequences = new Set<string>();
  const last = Math.max(0, words.length - SEQUENCE_WORDS);
  for (let start = 0; start <= last; start++) sequences.add(words.slice(start, start + SEQUENCE_WORDS).join(' '));
  return sequences;
}

interface IndexedProblem {
  readonly id: string;
  /** Its sequences, without those that so many others have too that they say nothing. */
  sequences: number;
}

/** Test problems by what they hold. */
export class ContaminationIndex {
  private readonly problems: IndexedProblem[] = [];
  private readonly byText = new Map<string, number[]>();
  private readonly bySequence = new Map<string, number[]>();
  private readonly common = new Set<string>();
  private readonly found = new Map<number, Overlap>();
  private readonly threshold: number;
  private trained = 0;

  constructor(threshold = CONTAMINATION_THRESHOLD) {
    if (!(threshold > 0 && threshold <= 1))
      throw invalidArgument('threshold', `must be above 0 and at most 1, but is ${threshold}`);
    this.threshold = threshold;
  }

  /** Takes a test problem; all of them come before the first training problem. */
  addTest({ id, question }: Problem): void {
    const words = contentWords(question);
    const index = this.problems.length;
    const problem = { id, sequences: 0 };
    this.problems.push(problem);
    append(this.byText, words.join(' '), index);
    for (const sequence of sequencesOf(words)) {
      if (this.common.has(sequence)) continue;
      problem.sequences += 1;
      append(this.bySequence, sequence, index);
      if (this.bySequence.get(sequence)!.length > MOST_HOLDERS) this.leaveOut(sequence);
    }
  }

  /** A sequence that too many have, such as one of worked examples in front of every question, is nobody's. */
  private leaveOut(sequence: string): void {
    for (const index of this.bySequence.get(sequence)!) this.problems[index]!.sequences -= 1;
    this.bySequence.delete(sequence);
    this.common.add(sequence);
  }

  /** Looks a training problem up. */
  checkTrain({ id, question }: Problem): void {
    this.trained += 1;
    const words = contentWords(question);
    for (const index of this.byText.get(words.join(' ')) ?? []) this.note(index, id, 1, true);
    const shared = new Map<number, number>();
    for (const sequence of sequencesOf(words))
      for (const index of this.bySequence.get(sequence) ?? []) shared.set(index, (shared.get(index) ?? 0) + 1);
    for (const [index, count] of shared) this.note(index, id, count / this.problems[index]!.sequences, false);
  }

  private note(index: number, trainId: string, similarity: number, exact: boolean): void {
    const known = this.found.get(index);
    if (similarity < this.threshold || (known && (known.exact || known.similarity >= similarity))) return;
    this.found.set(index, { testId: this.problems[index]!.id, trainId, exact, similarity });
  }

  report(): ContaminationReport {
    const overlaps = [...this.found.entries()]
      .sort(
        ([a, one], [b, other]) => Number(other.exact) - Number(one.exact) || other.similarity - one.similarity || a - b,
      )
      .map(([, overlap]) => overlap);
    const { trained: trainProblems, threshold } = this;
    return { trainProblems, testProblems: this.problems.length, overlaps, threshold };
  }
}

function append(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Checks training problems against test problems. */
export async function findContamination(
  train: AsyncIterable<Problem>,
  test: AsyncIterable<Problem>,
  threshold?: number,
): Promise<ContaminationReport> {
  const index = new ContaminationIndex(threshold);
  for await (const problem of test) index.addTest(problem);
  for await (const problem of train) index.checkTrain(problem);
  return index.report();
}
