import { Template } from '@huggingface/jinja';
import { dataLoss, invalidArgument } from '@hone/errors';

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** A compiled chat template. Templates are data of the model's author: they can refuse messages, but run no code. */
export class ChatTemplate {
  readonly #template: Template;
  readonly #specialTokens: Readonly<Record<string, string>>;

  constructor(source: string, specialTokens: Readonly<Record<string, string>>, name: string) {
    try {
      this.#template = new Template(source);
    } catch (error) {
      throw dataLoss(`chat template of ${name}`, `is not valid Jinja (${(error as Error).message})`, error);
    }
    this.#specialTokens = specialTokens;
  }

  /** Renders messages; what the template refuses (an unknown role, a wrong order) is `INVALID_ARGUMENT`. */
  render(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
    try {
      return this.#template.render({
        ...this.#specialTokens,
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: addGenerationPrompt,
        tools: null,
        documents: null,
      });
    } catch (error) {
      throw invalidArgument('messages', `the chat template refuses them: ${(error as Error).message}`, error);
    }
  }
}
