/** Drawing completions of prompts: what sampling, judging by a model and writing problems have in common. */
import { Readable } from 'node:stream';
import { Prompt, SampleRequest, type JudgedProblem, type ResourceUsage } from '@hone/contracts';
import type { SamplingSettings } from '@hone/recipes';
import { piecesOf } from '@hone/streams';
import { callService } from './call-service.ts';
import { samplingParams } from './messages.ts';
import { badSampler, ProblemSamples } from './problem-samples.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** Messages are limited to 4 MiB; half of it leaves room for what is not counted. */
const MAX_REQUEST_BYTES = 2 << 20;

/** What is drawn, and from where. */
export interface Drawing {
  readonly checkpoint: string;
  /** Completions a prompt. */
  readonly n: number;
  readonly sampling: SamplingSettings;
  /** With a prompt's id it decides what is drawn of the prompt, whatever others are asked beside it. */
  readonly seed: bigint;
  /** Counts completions as they come; those of a call that is repeated are taken back. */
  readonly count?: (completions: number) => void;
}

/** Drawn completions: a JudgedProblem a prompt, named after its id, without verdicts. */
export interface Drawn {
  readonly problems: readonly JudgedProblem[];
  readonly usage: ResourceUsage;
}

/** Draws the completions of prompts, in calls of bounded size. */
export async function drawCompletions(
  context: StepContext,
  prompts: readonly Prompt[],
  drawing: Drawing,
): Promise<Drawn> {
  const usage = new UsageSum();
  const bytesOf = (prompt: Prompt): number => Prompt.encode(prompt).finish().length;
  const pieces = piecesOf(Readable.from(prompts), { maxItems: Infinity, maxBytes: MAX_REQUEST_BYTES, bytesOf });
  const problems: JudgedProblem[] = [];
  for await (const piece of pieces) {
    const call = (): Promise<DrawnPiece> => drawPiece(context, piece, drawing);
    const { problems: drawn, usage: used } = await callService(context, 'sampler', context.signal, call);
    usage.add(used);
    problems.push(...drawn);
  }
  return { problems, usage: usage.total() };
}

interface DrawnPiece {
  readonly problems: JudgedProblem[];
  readonly usage: ResourceUsage | undefined;
}

/** Draws the completions of some prompts in one call; every one must come exactly once. */
async function drawPiece(
  { services, signal, policy }: StepContext,
  prompts: readonly Prompt[],
  { checkpoint, n, sampling, seed, count = () => undefined }: Drawing,
): Promise<DrawnPiece> {
  const { timeoutMs } = policy;
  const request = SampleRequest.fromPartial({
    checkpoint,
    prompts: [...prompts],
    n,
    sampling: samplingParams(sampling),
    seed,
  });
  const slots = new Map(prompts.map(({ id }) => [id, new ProblemSamples(id, n)]));
  const slotOf = (id: string): ProblemSamples => {
    const slot = slots.get(id);
    if (!slot) throw badSampler(`answered for prompt "${id}", which was not asked`);
    return slot;
  };
  let usage: ResourceUsage | undefined;
  let counted = 0;
  try {
    for await (const { event } of services.sample(request, { signal, timeoutMs })) {
      if (event?.$case === 'prompt') slotOf(event.value.promptId).promptTokenIds = event.value.tokenIds;
      else if (event?.$case === 'summary') usage = event.value.usage;
      else if (event?.$case === 'completion') {
        slotOf(event.value.promptId).add(event.value);
        counted += 1;
        count(1);
      }
    }
    return { problems: [...slots.values()].map((slot) => slot.judgedProblem()), usage };
  } catch (thrown) {
    count(-counted);
    throw thrown;
  }
}
