import { dataLoss, invalidArgument } from '@hone/errors';
import { globalScope } from './jinja/globals.ts';
import { Interpreter } from './jinja/interpreter.ts';
import { parseTemplate, type Node } from './jinja/nodes.ts';
import { Scope } from './jinja/scope.ts';
import { type Value } from './jinja/values.ts';

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/**
 * What templates are told, unless tokenizer_config.json has a template_date, that ask for today's date, so that the same prompt is the same tokens on every day: the date that Llama 3's
 * own templates fall back to.
 */
export const TEMPLATE_DATE = '2024-07-26';

export interface RenderOptions {
  /** End with the opening of the assistant's turn, so that the model writes it. */
  readonly addGenerationPrompt: boolean;
}

export interface Rendered {
  readonly text: string;
  /** The date that the template asked for, or null where it did not. */
  readonly date: string | null;
}

/** A compiled chat template. Templates are data of the model's author: they can refuse messages, but run no code. */
export class ChatTemplate {
  readonly #body: readonly Node[];
  readonly #specialTokens: Readonly<Record<string, string>>;

  constructor(source: string, specialTokens: Readonly<Record<string, string>>, name: string) {
    try {
      this.#body = parseTemplate(source);
    } catch (error) {
      throw dataLoss(`chat template of ${name}`, `is not valid Jinja (${(error as Error).message})`, error);
    }
    this.#specialTokens = specialTokens;
  }

  /** Renders messages on a date (YYYY-MM-DD); what the template refuses (an unknown role, a wrong order) is `INVALID_ARGUMENT`. */
  render(messages: readonly ChatMessage[], { addGenerationPrompt }: RenderOptions, date = TEMPLATE_DATE): Rendered {
    if (messages.length === 0) throw invalidArgument('messages', 'must have at least one message');
    let asked: string | null = null;
    const globals = globalScope(date, () => {
      asked = date;
    });
    const turns: Value[] = messages.map(
      ({ role, content }) => new Map<Value, Value>(Object.entries({ role, content })),
    );
    const scope = new Scope(globals, [
      ...Object.entries(this.#specialTokens),
      ['messages', turns],
      ['add_generation_prompt', addGenerationPrompt],
      ['tools', null],
      ['documents', null],
    ]);
    try {
      return { text: new Interpreter().render(this.#body, scope), date: asked };
    } catch (error) {
      throw invalidArgument('messages', `the chat template refuses them: ${(error as Error).message}`, error);
    }
  }
}
