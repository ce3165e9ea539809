import type { ModelConfig } from '@hone/checkpoint';
import type { Chat, Example, PreferenceGroup } from '@hone/contracts';
import { failedPrecondition, invalidArgument, toHoneError } from '@hone/errors';
import { Tokenizer } from '@hone/tokenizer';
import type { PreferenceGroup as TokenGroup } from '@hone/training';

/** A prompt's tokens, and those of the prompt with each of its completions. */
interface Sequences {
  readonly prompt: Int32Array;
  readonly whole: readonly Int32Array[];
}

/** Turns training data given as text or chats into tokens, prompts as the sampler does. */
export class ExampleTokenizer {
  private readonly tokenizer: Tokenizer;
  private readonly endOfSequence: string;
  private readonly vocabSize: number;

  private constructor(tokenizer: Tokenizer, endOfSequence: string, vocabSize: number) {
    this.tokenizer = tokenizer;
    this.endOfSequence = endOfSequence;
    this.vocabSize = vocabSize;
  }

  /** The tokenizer of a checkpoint's folder. */
  static async open(folder: string, config: ModelConfig): Promise<ExampleTokenizer> {
    const tokenizer = await Tokenizer.fromFolder(folder);
    // The tokenizer's own comes first, as in TRL: a model's list begins with what ended its pre-training.
    const id = tokenizer.eosTokenId ?? config.eosTokenIds[0];
    if (id === undefined) {
      const message = 'the checkpoint names no end-of-sequence token: set eos_token in its tokenizer_config.json';
      throw failedPrecondition('NO_EOS_TOKEN', message);
    }
    return new ExampleTokenizer(tokenizer, tokenizer.decode([id], { skipSpecialTokens: false }), config.vocabSize);
  }

  /** The tokens of a demonstration: prompt and completion are cut as those of a pair are. */
  async encode(example: Example): Promise<{ promptTokenIds: Int32Array; completionTokenIds: Int32Array }> {
    const { id, promptText, completionText, promptChat, completionChat } = example;
    const where = `example "${id}"`;
    const { prompt, whole } = promptChat
      ? await this.chats(promptChat, [completionChat!], where)
      : await this.texts(promptText, [completionText], where);
    const length = requirePrompt(commonLength(prompt, whole[0]!), where);
    return { promptTokenIds: prompt.slice(0, length), completionTokenIds: whole[0]!.slice(length) };
  }

  /**
   * Preferences given as text or chats. Prompt and completion are tokenised together, since a token may reach across their border; a
   * pair's prompt is what its own tokens and those of both texts begin with alike, which is TRL's rule. So pairs of one group may differ
   * in their prompts: one group comes back for each.
   */
  async encodePairs({ problemId, promptText, promptChat, completions, pairs }: PreferenceGroup): Promise<TokenGroup[]> {
    const where = `problem "${problemId}"`;
    const { prompt, whole } = promptChat
      ? await this.chats(
          promptChat,
          completions.map(({ chat }) => chat!),
          where,
        )
      : await this.texts(
          promptText,
          completions.map(({ text }) => text),
          where,
        );
    const byLength = new Map<number, TokenGroup['pairs'][number][]>();
    for (const { chosen, rejected } of pairs) {
      const length = Math.min(...[chosen, rejected].map((at) => commonLength(prompt, whole[at]!)));
      requirePrompt(length, where);
      byLength.set(length, [...(byLength.get(length) ?? []), { chosen, rejected }]);
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

  /**
   * A text behind a prompt whose tokens are given. Both are tokenised together where the prompt's tokens come of that again, so that the
   * text is cut as it would be behind the prompt's own; else the text is tokenised by itself.
   */
  async encodeBehind(prompt: Int32Array, text: string, where: string): Promise<Int32Array> {
    const ended = this.ended(text);
    const ids = (shown: string): Promise<Int32Array> =>
      this.checked(this.tokenizer.encode(shown, { addSpecialTokens: false }), where);
    const whole = await ids(this.tokenizer.decode(prompt, { skipSpecialTokens: false }) + ended);
    return commonLength(prompt, whole) === prompt.length ? whole.slice(prompt.length) : ids(ended);
  }

  private ended(text: string): string {
    return text.endsWith(this.endOfSequence) ? text : text + this.endOfSequence;
  }

  private async texts(prompt: string, completions: readonly string[], where: string): Promise<Sequences> {
    const ids = (text: string): Promise<Int32Array> => this.checked(this.tokenizer.encodePrompt(text), where);
    const ended = completions.map((text) => this.ended(text));
    return { prompt: await ids(prompt), whole: await Promise.all(ended.map((text) => ids(prompt + text))) };
  }

  /** The chat template writes the ends of turns. */
  private async chats({ messages }: Chat, completions: readonly Chat[], where: string): Promise<Sequences> {
    const ids = (turns: Chat['messages'], addGenerationPrompt: boolean): Promise<Int32Array> =>
      this.checked(this.tokenizer.encodeChat(turns, { addGenerationPrompt }), where);
    try {
      const whole = completions.map((chat) => ids([...messages, ...chat.messages], false));
      return { prompt: await ids(messages, true), whole: await Promise.all(whole) };
    } catch (thrown) {
      throw invalidArgument('dataset', `${where}: ${toHoneError(thrown).message}`, thrown);
    }
  }

  private async checked(encoding: Promise<number[]>, where: string): Promise<Int32Array> {
    const ids = Int32Array.from(await encoding);
    const stranger = ids.find((id) => id >= this.vocabSize);
    if (stranger === undefined) return ids;
    const rule = `the text of ${where} gives token ${stranger}, but the model has ${this.vocabSize}`;
    throw invalidArgument('dataset', rule);
  }
}

function requirePrompt(length: number, where: string): number {
  if (length > 0) return length;
  throw invalidArgument('dataset', `the prompt of ${where} has no token of its own: end it where a word ends`);
}

/** How many tokens both begin with. */
function commonLength(a: Int32Array, b: Int32Array): number {
  const different = a.findIndex((token, index) => token !== b[index]);
  return different < 0 ? a.length : different;
}
