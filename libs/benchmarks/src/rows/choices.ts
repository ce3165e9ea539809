/** Options of multiple-choice problems, in the forms in which data sets have them. */
import { invalidArgument } from '@hone/errors';
import type { Choice } from '../problems/problem.ts';
import type { Row } from '../rows/row.ts';

/** The forms, for messages. */
export const CHOICES_RULE =
  'must be a list of texts, a list of {"label", "text"}, or {"label": […], "text": […]} of the same length';

/** Options as texts, which are lettered from A, as objects, or as two lists beside each other; null where they are none of these. */
export function parseChoices(value: unknown): Choice[] | null {
  const list = Array.isArray(value) ? (value as unknown[]) : zipped(value);
  const choices = list?.map((choice, index) => parseChoice(choice, index)) ?? [null];
  return choices.every((choice) => choice !== null) ? choices : null;
}

function zipped(value: unknown): unknown[] | null {
  const { label: labels, text: texts } = (value ?? {}) as { label?: unknown; text?: unknown };
  if (!Array.isArray(texts)) return null;
  if (labels === undefined) return texts as unknown[];
  if (!Array.isArray(labels) || labels.length !== texts.length) return null;
  return texts.map((text: unknown, index) => ({ label: (labels as unknown[])[index], text }));
}

function parseChoice(choice: unknown, index: number): Choice | null {
  if (typeof choice === 'string') return { label: String.fromCharCode(65 + index), text: choice };
  const { label, text } = (choice ?? {}) as { label?: unknown; text?: unknown };
  return typeof label === 'string' && typeof text === 'string' ? { label, text } : null;
}

/** The options of a row, 2 to 26. */
export function readChoices(row: Row, value: unknown): Choice[] {
  const choices = parseChoices(value);
  if (!choices) throw invalidArgument(row.location, `choices ${CHOICES_RULE}`);
  if (choices.length < 2 || choices.length > 26) {
    throw invalidArgument(row.location, `choices must be 2 to 26, but are ${choices.length}`);
  }
  return choices;
}
