/**
 * A user's own problems. The prompt is put to the model as it is, as text or as one turn of a chat:
 *
 *     {"prompt": "…" or "question": "…", "answer": "…", "id"?, "choices"?: …, "subject"?, "level"?, "solution"?}
 *
 * Choices are texts, which are lettered from A, objects {"label", "text"}, or two lists as {"label": […], "text": […]}.
 */
import { defineBenchmark, optionalText, readChoices, textField } from '../kit.ts';

export const jsonl = defineBenchmark({
  name: 'jsonl',
  title: 'problems of your own: {"prompt", "answer", "id"?, "choices"?, "subject"?, "level"?} a line',
  scorer: 'exact',
  style: 'zero-shot',
  template: null,
  read(row, index) {
    const { choices } = row.value;
    const subject = optionalText(row, 'subject');
    const level = optionalText(row, 'level');
    const solution = optionalText(row, 'solution');
    return {
      id: optionalText(row, 'id') ?? `row-${index}`,
      question: textField(row, 'prompt', 'question'),
      gold: textField(row, 'answer', 'gold'),
      choices: choices === undefined ? [] : readChoices(row, choices),
      ...(subject !== undefined && { subject }),
      ...(level !== undefined && { level }),
      ...(solution !== undefined && { solution }),
    };
  },
  published: null,
});
