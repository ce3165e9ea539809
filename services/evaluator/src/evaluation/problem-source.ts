import type { ArtifactStore } from '@hone/artifacts';
import { Problem } from '@hone/contracts';
import type { NumberedProblem } from './judged-samples.ts';

/** What of the problems is held in memory, by position in the set. */
export interface Survey {
  readonly ids: readonly string[];
  readonly subjects: readonly string[];
  readonly levels: readonly string[];
  /** Digests of the prompt templates, each once. */
  readonly templateDigests: string[];
}

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

  /** The problems in the set's order, those left out that `skip` names by position. */
  async *all(skip: (index: number) => boolean = () => false): AsyncGenerator<NumberedProblem, void, undefined> {
    let index = 0;
    for await (const row of this.store.readJsonLines(this.digest)) {
      if (!skip(index)) yield { index, problem: Problem.fromJSON(row) };
      index += 1;
      if (index >= this.limit) return;
    }
  }

  async survey(): Promise<Survey> {
    const [ids, subjects, levels]: string[][] = [[], [], []];
    const templates = new Set<string>();
    for await (const { problem } of this.all()) {
      ids!.push(problem.id);
      subjects!.push(problem.subject);
      levels!.push(problem.level);
      if (problem.prompt?.templateDigest) templates.add(problem.prompt.templateDigest);
    }
    return { ids: ids!, subjects: subjects!, levels: levels!, templateDigests: [...templates].sort() };
  }
}
