import type { ModelConfig } from '@hone/checkpoint';
import type { Example, Pair, PreferenceGroup } from '@hone/contracts';
import { failedPrecondition, invalidArgument } from '@hone/errors';
import { Tokenizer } from '@hone/tokenizer';
import type { PreferenceGroup as TokenGroup } from '@hone/training';

/** Turns training data given as text into tokens, prompts as the sampler does. */
export class ExampleTokenizer {
  private readonly tokenizer: Tokenizer;
  private readonly endOfSequence: number;
  private readonly vocabSize: number;

  private constructor(tokenizer: Tokenizer, endOfSequence: number, vocabSize: number) {
    this.tokenizer = tokenizer;
    this.endOfSequence = endOfSequence;
    this.vocabSize = vocabSize;
  }

  /** The tokenizer of a checkpoint's folder. */
  static async open(folder: string, config: ModelConfig): Promise<ExampleTokenizer> {
    const tokenizer = await Tokenizer.fromFolder(folder);
    // The model's own list comes first: it is what ends a completion when the model is sampled.
    const endOfSequence = config.eosTokenIds[0] ?? tokenizer.eosTokenId;
    if (endOfSequence === null || endOfSequence === undefined) {
      const message = 'the checkpoint names no end-of-sequence token: set eos_token_id in its config.json';
      throw failedPrecondition('NO_EOS_TOKEN', message);
    }
    return new ExampleTokenizer(tokenizer, endOfSequence, config.vocabSize);
  }

  /**
   * The prompt begins as the tokenizer begins every text (with exactly one beginning-of-sequence token, where the model has
   * one); the completion goes on without one and ends with the end-of-sequence token.
   */
  async encode({
    id,
    promptText,
    completionText,
  }: Example): Promise<{ promptTokenIds: Int32Array; completionTokenIds: Int32Array }> {
    const prompt = await this.tokenizer.encodePrompt(promptText);
    const completion = await this.tokenizer.encode(completionText, { addSpecialTokens: false });
    if (completion.at(-1) !== this.endOfSequence) completion.push(this.endOfSequence);
    const stranger = [...prompt, ...completion].find((token) => token >= this.vocabSize);
    if (stranger !== undefined) {
      throw invalidArgument(
        'dataset',
        `the text of example "${id}" gives token ${stranger}, but the model has ${this.vocabSize}`,
      );
    }
    return { promptTokenIds: Int32Array.from(prompt), completionTokenIds: Int32Array.from(completion) };
  }

  /**
   * Preferences given as text. Prompt and completion are tokenised together, since a token may reach across their border; a pair's
   * prompt is what its own tokens and those of both texts begin with alike, which is TRL's rule. So pairs of one group may differ in
   * their prompts: one group comes back for each.
   */
  async encodePairs({ problemId, promptText, completions, pairs }: PreferenceGroup): Promise<TokenGroup[]> {
    const prompt = await this.ids(promptText, problemId);
    const whole = await Promise.all(
      completions.map(async ({ text }) => this.ended(await this.ids(promptText + text, problemId))),
    );
    const byLength = new Map<number, Pair[]>();
    for (const pair of pairs) {
      const length = Math.min(...[pair.chosen, pair.rejected].map((at) => commonLength(prompt, whole[at]!)));
      if (length === 0) {
        const rule = `the prompt of problem "${problemId}" has no token of its own: end it where a word ends`;
        throw invalidArgument('dataset', rule);
      }
      byLength.set(length, [...(byLength.get(length) ?? []), pair]);
    }
    return [...byLength].map(([length, alike]) => ({
      problemId,
      promptTokenIds: prompt.slice(0, length),
      completions: completions.map(({ referenceLogProb }, index) => {
        const tokenIds = whole[index]!.slice(length);
        return { tokenIds, ...(referenceLogProb === undefined ? {} : { referenceLogProb }) };
      }),
      pairs: alike,
    }));
  }

  private async ids(text: string, problemId: string): Promise<Int32Array> {
    const ids = Int32Array.from(await this.tokenizer.encodePrompt(text));
    const stranger = ids.find((token) => token >= this.vocabSize);
    if (stranger === undefined) return ids;
    const rule = `the text of problem "${problemId}" gives token ${stranger}, but the model has ${this.vocabSize}`;
    throw invalidArgument('dataset', rule);
  }

  private ended(ids: Int32Array): Int32Array {
    return ids.at(-1) === this.endOfSequence ? ids : Int32Array.from([...ids, this.endOfSequence]);
  }
}

/** How many tokens both begin with. */
function commonLength(a: Int32Array, b: Int32Array): number {
  const different = a.findIndex((token, index) => token !== b[index]);
  return different < 0 ? a.length : different;
}
