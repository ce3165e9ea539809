import type { Completion, JudgedProblem } from '@hone/contracts';
import { HoneError } from '@hone/errors';

/** Gathers one problem's samples: each must come exactly once. */
export class ProblemSamples {
  promptTokenIds: Buffer | undefined;
  private readonly problemId: string;
  private readonly completions: (Completion | undefined)[];

  constructor(problemId: string, n: number) {
    this.problemId = problemId;
    this.completions = new Array<Completion | undefined>(n).fill(undefined);
  }

  add(completion: Completion): void {
    const { sampleIndex } = completion;
    const expected = sampleIndex < this.completions.length && this.completions[sampleIndex] === undefined;
    if (!expected) throw badSampler(`sent sample ${sampleIndex} of prompt "${this.problemId}" unasked or twice`);
    this.completions[sampleIndex] = completion;
  }

  judgedProblem(): JudgedProblem {
    const { problemId, promptTokenIds } = this;
    if (!promptTokenIds) throw badSampler(`left out the token ids of prompt "${problemId}"`);
    const completions = this.completions.map((completion, index) => {
      if (!completion) throw badSampler(`left out sample ${index} of prompt "${problemId}"`);
      return { completion, verdict: undefined };
    });
    return { problemId, promptTokenIds, completions, problem: undefined, comparisons: [] };
  }
}

/** The sampler broke its contract. */
export function badSampler(what: string): HoneError {
  return new HoneError({ code: 'INTERNAL', reason: 'BAD_SAMPLER', message: `the sampler ${what}` });
}
