import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChatTemplate, type ChatMessage, TEMPLATE_DATE } from './chat-template.ts';
import { golden } from './test-data.ts';

interface Templates {
  readonly chats: readonly ChatMessage[][];
  readonly templates: readonly (readonly [string, readonly (string | null)[]])[];
}
const { chats, templates } = JSON.parse(readFileSync(join(golden, 'templates/templates.json'), 'utf8')) as Templates;
const specialTokens = { bos_token: '<s>', eos_token: '</s>' };
const hello = [{ role: 'user', content: 'hello' }];

function render(source: string, messages: readonly ChatMessage[] = hello): string {
  return new ChatTemplate(source, specialTokens, 'model').render(messages, { addGenerationPrompt: true }).text;
}

describe('chat templates', () => {
  it.each(templates)('are rendered as Transformers renders them: %j', (source, texts) => {
    for (const [index, text] of texts.entries()) {
      if (text === null) {
        expect(() => render(source, chats[index])).toThrow(/the chat template refuses them/);
      } else {
        expect(render(source, chats[index])).toBe(text);
      }
    }
  });

  it('an empty conversation is refused', () => {
    expect(() => render('{{ messages }}', [])).toThrow(/messages: must have at least one message/);
  });

  it('a date is the same on every day, and told to whoever renders', () => {
    const template = new ChatTemplate('{{ strftime_now("%d %b %Y") }}', {}, 'model');
    const options = { addGenerationPrompt: false };
    expect(template.render(hello, options)).toEqual({ text: '26 Jul 2024', date: TEMPLATE_DATE });
    expect(template.render(hello, options, '2031-02-03')).toEqual({
      text: '03 Feb 2031',
      date: '2031-02-03',
    });
    expect(new ChatTemplate('{{ date_string is defined }}', {}, 'model').render(hello, options).date).toBeNull();
  });

  it.each([
    ['{% for i in range(30000) %}{% for j in range(30000) %}{{ i }}{% endfor %}{% endfor %}', /more than \d+ steps/],
    ['{% set ns = namespace(x="ab") %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}', /characters/],
    ['{{ "ab" * 100000000 }}', /characters/],
    ['{{ range(10000000) }}', /Range too big/],
    ['{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /nested too deeply/],
  ])('what takes too much ends with an error: %s', (source, message) => {
    expect(() => render(source)).toThrow(message);
  });

  it.each(['{{ messages.constructor }}', '{{ "".__class__ }}', '{{ messages.__proto__ }}', '{{ range.call }}'])(
    "finds nothing of JavaScript's: %s",
    (source) => {
      expect(render(source)).toBe('');
    },
  );
});
