/** Problems that a model has not solved, with their answer as a hint, and what becomes of completions that were drawn with it. */
import type { ArtifactStore } from '@hone/artifacts';
import { isRight, messageOf, Problem, type JudgedProblem, type RunSpec } from '@hone/contracts';
import { judgedProblems } from '@hone/datasets';
import type { Hinted } from '@hone/recipes';
import { lastTurn, withLastTurn } from './last-turn.ts';
import { problemSetOf } from './problem-draw.ts';

/** What stands for the gold answer in a hint. */
const ANSWER = '{answer}';

/** Drawn problems whose prompts are not those that are trained on. */
export interface HintedDraw {
  readonly count: number;
  /** In the order of the set. */
  problems(): AsyncGenerator<Problem, void, undefined>;
  /** A problem's completions as those of its prompt without the hint. */
  withoutHint(problem: JudgedProblem): JudgedProblem;
}

/** Draws the problems of which no sample was right. */
export async function drawHinted(store: ArtifactStore, spec: RunSpec, { samples, hint }: Hinted): Promise<HintedDraw> {
  const set = problemSetOf(spec, samples);
  const rows = { completions: samples.completions.digest, verdicts: samples.verdicts.digest, problems: set };
  const prompts = new Map<string, Buffer>();
  for await (const judged of judgedProblems(store, rows))
    if (!judged.completions.some(({ verdict }) => isRight(verdict!)))
      prompts.set(judged.problemId, judged.promptTokenIds);
  return {
    count: prompts.size,
    async *problems() {
      for await (const row of store.readJsonLines(set)) {
        const problem = Problem.fromJSON(row);
        if (prompts.has(problem.id)) yield withHint(problem, hint);
      }
    },
    withoutHint: ({ problemId, completions, ...rest }) => ({
      ...{ ...rest, problemId, promptTokenIds: prompts.get(problemId)! },
      // Their log-probs are those behind another prompt.
      completions: completions.map((judged) => ({
        ...judged,
        completion: { ...judged.completion!, exactLogProbs: false },
      })),
    }),
  };
}

/** The problem with the hint in front: of a text, or of what is said last in a chat. */
function withHint(problem: Problem, hint: string): Problem {
  const prompt = problem.prompt!;
  const said = hint.replaceAll(ANSWER, () => problem.gold);
  return messageOf(Problem, { ...problem, prompt: withLastTurn(prompt, said + lastTurn(prompt, 'a hint')) });
}
