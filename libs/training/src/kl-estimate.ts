/**
 * The KL divergence that KTO compares rewards with (arXiv 2402.01306, section 4.1): the mean log-ratio of a batch's completions behind
 * prompts that are not theirs, at least 0. It is one number for the whole batch, however that is cut into parts.
 */
import { throwIfAborted } from '@hone/errors';
import { packByLength, type Row } from './data/batch.ts';
import { takenApart, type GroupItems } from './data/items.ts';
import { LogProbRunner, type Model } from './step-runner.ts';

/** A completion, and the prompt that it belongs to as a text that is the same for equal prompts. */
interface Belonging {
  readonly prompt: string;
  readonly promptTokenIds: Int32Array;
  readonly tokenIds: Int32Array;
}

/** Labelled completions, those of equal prompts together, and how many the commonest prompt has. */
function byPrompt(batch: readonly GroupItems[]): { readonly all: readonly Belonging[]; readonly most: number } {
  const byPrompt = new Map<string, Belonging[]>();
  for (const { group, items } of takenApart(batch)) {
    const { promptTokenIds, completions } = group;
    const prompt = promptTokenIds.join();
    const alike = byPrompt.get(prompt) ?? [];
    for (const { completion } of items)
      alike.push({ prompt, promptTokenIds, tokenIds: completions[completion]!.tokenIds });
    byPrompt.set(prompt, alike);
  }
  const parts = [...byPrompt.values()];
  return { all: parts.flat(), most: Math.max(0, ...parts.map(({ length }) => length)) };
}

/**
 * Each prompt of a batch behind which stands the completion of another one: all completions move on by as many places as the commonest
 * prompt has, so that none stays behind its own where that is possible, and each occurs once. Where every prompt occurs once this is TRL's
 * shift by one place. What stays behind its own prompt is left out, and what is too long for the model is cut.
 */
export function mismatched(batch: readonly GroupItems[], maxLength: number): Row[] {
  const { all, most } = byPrompt(batch);
  return all.flatMap(({ prompt, promptTokenIds }, index) => {
    const other = all[(index - most + all.length) % all.length]!;
    if (other.prompt === prompt) return [];
    const completionTokenIds = other.tokenIds.subarray(0, Math.max(1, maxLength - promptTokenIds.length));
    return [{ promptTokenIds, completionTokenIds, referenceLogProb: 0, nllWeight: 0 }];
  });
}

/** Mean of the rows' log-probs; 0 where there are none. */
async function meanLogProb(runner: LogProbRunner, rows: readonly Row[], maxTokens: number): Promise<number> {
  let sum = 0;
  for (const part of packByLength(rows, maxTokens)) for (const logProb of await runner.run(part)) sum += logProb;
  return rows.length === 0 ? 0 : sum / rows.length;
}

export interface KlOptions {
  /** Trained in place; its weights are read anew for each step. */
  readonly policy: Model;
  /** As it is when the estimates are opened. */
  readonly reference: Model;
  /** What each step that is still to be done is made of. */
  readonly batches: AsyncIterable<{ readonly step: number; readonly batch: readonly GroupItems[] }>;
  /** Padded tokens forwarded at once. */
  readonly maxTokens: number;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** The reference's side is computed before the first step, so that no second model is held while training. */
export class KlEstimates {
  private constructor(
    private readonly policy: LogProbRunner,
    private readonly ofReference: ReadonlyMap<number, number>,
    private readonly options: KlOptions,
    /** Steps whose completions all have the same prompt: their estimate is 0. */
    readonly stepsWithout: number,
  ) {}

  static async open(options: KlOptions): Promise<KlEstimates> {
    const { policy, reference, batches, maxTokens, threads, signal } = options;
    const runner = await LogProbRunner.create(reference, threads);
    const ofReference = new Map<number, number>();
    let without = 0;
    try {
      for await (const { step, batch } of batches) {
        throwIfAborted(signal);
        const rows = mismatched(batch, reference.config.maxPositionEmbeddings);
        without += Number(rows.length === 0);
        ofReference.set(step, await meanLogProb(runner, rows, maxTokens));
      }
    } finally {
      await runner.close();
    }
    return new KlEstimates(await LogProbRunner.create(policy, threads), ofReference, options, without);
  }

  /** Of a step's batch, under the weights as they are. */
  async of(step: number, batch: readonly GroupItems[]): Promise<number> {
    const { policy, maxTokens } = this.options;
    const rows = mismatched(batch, policy.config.maxPositionEmbeddings);
    const ofPolicy = await meanLogProb(this.policy, rows, maxTokens);
    return Math.max(0, ofPolicy - this.ofReference.get(step)!);
  }

  close(): Promise<void> {
    return this.policy.close();
  }
}
