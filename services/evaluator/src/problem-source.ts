import type { ArtifactStore } from '@hone/artifacts';
import { Problem } from '@hone/contracts';
import type { NumberedProblem } from './judged-samples.ts';

/** The first problems of a stored set, as often as asked for, without holding the set in memory. */
export class ProblemSource {
  private readonly store: ArtifactStore;
  private readonly digest: string;
  private readonly limit: number;

  constructor(store: ArtifactStore, digest: string, limit: number) {
    this.store = store;
    this.digest = digest;
    this.limit = limit;
  }

  /** The problems in the set's order. */
  async *all(): AsyncGenerator<NumberedProblem, void, undefined> {
    let index = 0;
    for await (const row of this.store.readJsonLines(this.digest)) {
      yield { index, problem: Problem.fromJSON(row) };
      index += 1;
      if (index >= this.limit) return;
    }
  }

  /** The ids of the problems, and the digests of their prompt templates, each once. */
  async survey(): Promise<{ ids: string[]; templateDigests: string[] }> {
    const ids: string[] = [];
    const templates = new Set<string>();
    for await (const { problem } of this.all()) {
      ids.push(problem.id);
      if (problem.prompt?.templateDigest) templates.add(problem.prompt.templateDigest);
    }
    return { ids, templateDigests: [...templates].sort() };
  }
}
