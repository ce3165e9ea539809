/** Which of a problem's completions people compare. */
import { FinishReason, type JudgedProblem } from '@hone/contracts';
import { Random, seedFor } from '@hone/statistics';

/** Two completions to be compared, as they are shown. */
export interface Asked {
  /** Completion.sample_index of A and B. */
  readonly a: number;
  readonly b: number;
  readonly aText: string;
  readonly bText: string;
}

/** Completions that ended by themselves, the first of each text: what was cut off is not to be learnt, and equal texts leave no choice. */
function distinct({ completions }: JudgedProblem): { readonly index: number; readonly text: string }[] {
  const byText = new Map<string, number>();
  for (const { completion } of completions) {
    const { text, sampleIndex, finishReason } = completion!;
    if (finishReason !== FinishReason.LENGTH && text !== '' && !byText.has(text)) byText.set(text, sampleIndex);
  }
  return [...byText].map(([text, index]) => ({ index, text }));
}

/**
 * All pairs of 0 … n - 1, in rounds in which each number occurs once: the circle method of round-robin tournaments. So the first pairs
 * are of as many different completions as there can be.
 */
export function* roundRobin(n: number): Generator<readonly [number, number]> {
  const places = n + (n % 2);
  for (let round = 0; round < places - 1; round++) {
    const at = (place: number): number => (place === 0 ? 0 : 1 + ((place - 1 + round) % (places - 1)));
    for (let place = 0; place < places / 2; place++) {
      const [one, other] = [at(place), at(places - 1 - place)];
      // With an odd number one rests in each round.
      if (one < n && other < n) yield [one, other];
    }
  }
}

/** The first `most` comparisons of a problem, which follow from the seed and the problem alone; none where there is nothing to compare. */
export function comparisonsOf(problem: JudgedProblem, most: number, seed: bigint): Asked[] {
  const random = new Random(seedFor(seed, problem.problemId));
  const completions = random.shuffle(distinct(problem));
  const asked: Asked[] = [];
  for (const [one, other] of roundRobin(completions.length)) {
    if (asked.length === most) break;
    const [a, b] = random.shuffle([completions[one]!, completions[other]!]);
    asked.push({ a: a!.index, b: b!.index, aText: a!.text, bText: b!.text });
  }
  return asked;
}
