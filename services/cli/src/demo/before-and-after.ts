/** One problem's chain of thought before the loop and after it. */
import {
  isRight,
  messageOf,
  SampleRequest,
  scoreItemOf,
  ScoreRequest,
  ScorerServiceClient,
  type Completion,
  type Problem,
  type Run,
  type Sample,
  SampleOutcome,
} from '@hone/contracts';
import { callServerStream, callUnary, connect } from '@hone/rpc';
import { CREDENTIALS } from '../platform/deployment.ts';
import type { Clients } from '../platform/platform.ts';
import { comparedLines } from '../samples/sample-lines.ts';

/** The same problem before and after: wrong, then right. */
export interface BeforeAndAfter {
  readonly problem: Problem;
  readonly before: Sample;
  readonly after: Sample;
}

/** Problems asked at a time; the first few hold one nearly always. */
const PROBLEMS_A_CALL = 50;

/**
 * The first problem that the run's first checkpoint answers wrong and its last one right, both with greedy decoding: the same
 * run shows the same problem. Undefined where there is none.
 */
export async function findBeforeAndAfter(
  clients: Clients,
  run: Run,
  problems: readonly Problem[],
): Promise<BeforeAndAfter | undefined> {
  const checkpoints = run.iterations.map(({ checkpoint }) => checkpoint).filter((checkpoint) => checkpoint !== '');
  const [first, last] = [checkpoints[0], checkpoints.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const scorer = connect(ScorerServiceClient, clients.addresses.scorer, CREDENTIALS);
  try {
    for (let start = 0; start < problems.length; start += PROBLEMS_A_CALL) {
      const part = problems.slice(start, start + PROBLEMS_A_CALL);
      const before = await answers(clients, scorer, run, { checkpoint: first, problems: part, iteration: 0 });
      const after = await answers(clients, scorer, run, {
        checkpoint: last,
        problems: part,
        iteration: checkpoints.length - 1,
      });
      const found = part.findIndex((_, index) => !isRight(before[index]!.verdict!) && isRight(after[index]!.verdict!));
      if (found >= 0) return { problem: part[found]!, before: before[found]!, after: after[found]! };
    }
    return undefined;
  } finally {
    scorer.close();
  }
}

interface Asked {
  readonly checkpoint: string;
  readonly problems: readonly Problem[];
  readonly iteration: number;
}

/** What a checkpoint answers, judged, in the order of the problems. */
async function answers(
  { sampler }: Clients,
  scorer: ScorerServiceClient,
  run: Run,
  { checkpoint, problems, iteration }: Asked,
): Promise<Sample[]> {
  const sampling = { temperature: 0, maxTokens: run.spec!.settings!['evaluation'].max_tokens as number };
  const request = messageOf(SampleRequest, {
    checkpoint,
    prompts: problems.map(({ prompt }) => prompt!),
    n: 1,
    sampling,
  });
  const completions = new Map<string, Completion>();
  for await (const { event } of callServerStream(sampler, 'sample', request)) {
    if (event?.$case === 'completion') completions.set(event.value.promptId, event.value);
  }
  const items = problems.map((problem) => scoreItemOf(problem, completions.get(problem.id)!));
  const judged = await callUnary(scorer, 'score', messageOf(ScoreRequest, { scorer: run.spec!.scorer!.name, items }));
  return problems.map((problem, index): Sample => {
    const verdict = judged.verdicts[index]!;
    const outcome = isRight(verdict) ? SampleOutcome.RIGHT : SampleOutcome.WRONG;
    return { iteration, problem, completion: completions.get(problem.id)!, verdict, outcome };
  });
}

/** For people. */
export function beforeAndAfterText({ problem, before, after }: BeforeAndAfter): string {
  const sides = { [`before, M_${before.iteration}`]: before, [`after, M_${after.iteration}`]: after };
  const head = `The first test problem that M_${before.iteration} gets wrong and M_${after.iteration} right:`;
  return [head, ...comparedLines(problem, sides)].join('\n');
}

/** For programs. */
export function beforeAndAfterDocument({ problem, before, after }: BeforeAndAfter) {
  const side = ({ completion, verdict }: Sample) => ({
    checkpoint: completion!.checkpoint,
    completion: completion!.text,
    extracted_answer: verdict!.extractedAnswer,
  });
  return { problem: problem.id, gold: problem.gold, before: side(before), after: side(after) };
}
