/** Benchmarks from files: GSM8K, ARC, and a user's own JSON lines. */
import { invalidArgument } from '@hone/errors';
import { readRows, textField, type Row } from './json-lines.ts';
import { templateDigest, type Problem, type Prompt } from './problem.ts';
import {
  ARC_TEMPLATE,
  GSM8K_TEMPLATE,
  PROMPT_STYLES,
  promptDigest,
  renderPrompt,
  type PromptStyle,
} from './prompts.ts';
import { checkName } from './check-name.ts';

/** A benchmark that is read from a file: how a row becomes a problem. */
export type RowReader = (row: Row, index: number, style: PromptStyle) => Problem;

/** GSM8K: rows {"question", "answer"}; the gold answer stands behind "####". */
const gsm8k: RowReader = (row, index, style) => {
  const answer = textField(row, 'answer');
  const [chain, gold] = answer.split('####');
  if (gold === undefined) throw invalidArgument(row.place, '"answer" must hold "#### " and the final answer');
  return {
    id: `gsm8k-${index}`,
    prompt: renderPrompt(GSM8K_TEMPLATE, style, textField(row, 'question')),
    gold: gold.trim().replaceAll(',', ''),
    choices: [],
    // <<48/2=24>> are the data set's marks for a calculator, no part of the reasoning.
    demonstration: `${chain!.replace(/<<[^<>]*>>/g, '').trim()}\nFinal answer: ${gold.trim()}`,
    templateDigest: promptDigest(GSM8K_TEMPLATE, style),
  };
};

interface Choice {
  readonly label: string;
  readonly text: string;
}

function readChoices(row: Row, list: unknown): Choice[] {
  const choices = Array.isArray(list) ? (list as Partial<Choice>[]) : [];
  const sound = choices.every(({ label, text }) => typeof label === 'string' && typeof text === 'string');
  if (!sound || choices.length < 2 || choices.length > 26)
    throw invalidArgument(row.place, 'choices must be 2 to 26 objects {"label", "text"}');
  return choices.map(({ label, text }) => ({ label: label!, text: text! }));
}

/** ARC: rows {"id", "question": {"stem", "choices"}, "answerKey"} as AllenAI publishes them. */
const arc: RowReader = (row, index, style) => {
  const { id, question } = row.value as { id?: unknown; question?: { stem?: unknown; choices?: unknown } };
  if (typeof question?.stem !== 'string') throw invalidArgument(row.place, 'must have "question" with a "stem"');
  const choices = readChoices(row, question.choices);
  const gold = textField(row, 'answerKey').trim();
  if (!choices.some(({ label }) => label === gold))
    throw invalidArgument(row.place, `"answerKey" must be a choice's label, but is "${gold}"`);
  const shown = [question.stem, ...choices.map(({ label, text }) => `(${label}) ${text}`)].join('\n');
  return {
    id: typeof id === 'string' && id !== '' ? id : `arc-${index}`,
    prompt: renderPrompt(ARC_TEMPLATE, style, shown),
    gold,
    choices,
    templateDigest: promptDigest(ARC_TEMPLATE, style),
  };
};

/** A user's own: {"prompt" or "question", "answer", "id"?, "choices"?, "subject"?, "level"?}; the prompt is used as it is. */
const jsonl: RowReader = (row, index, style) => {
  const { id, choices, subject, level, solution } = row.value;
  const text = textField(row, 'prompt', 'question');
  const prompt: Prompt =
    style === 'zero-shot' ? { kind: 'text', text } : { kind: 'chat', messages: [{ role: 'user', content: text }] };
  return {
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : `row-${index}`,
    prompt,
    gold: textField(row, 'answer', 'gold'),
    choices: choices === undefined ? [] : readChoices(row, choices),
    ...(typeof subject === 'string' && { subject }),
    ...(level !== undefined && { level: String(level) }),
    ...(typeof solution === 'string' && { demonstration: solution }),
    templateDigest: templateDigest({ jsonl: style === 'zero-shot' ? 'text' : 'chat' }),
  };
};

export const FILE_BENCHMARKS = { gsm8k, arc, jsonl } as const;
export type FileBenchmark = keyof typeof FILE_BENCHMARKS;

export interface FileOptions {
  readonly file: string;
  readonly style: PromptStyle;
  /** Rows to skip. */
  readonly offset: number;
  /** Most problems; 0 means all. */
  readonly limit: number;
}

/**
 * A distinct id. Published sets repeat a few (ARC's MEA_2012_5_8 stands twice in its training set): there the row is added;
 * in a user's own file it is an error.
 */
function distinctId(name: FileBenchmark, id: string, index: number, ids: ReadonlySet<string>, place: string): string {
  if (!ids.has(id)) return id;
  if (name === 'jsonl') throw invalidArgument(place, `id "${id}" occurs twice`);
  return `${id}/row-${index}`;
}

/** Problems of a file, one at a time. */
export async function* fileProblems(
  name: FileBenchmark,
  { file, style, offset, limit }: FileOptions,
): AsyncGenerator<Problem> {
  const ids = new Set<string>();
  for (const [field, value] of Object.entries({ offset, limit })) {
    if (!Number.isInteger(value) || value < 0)
      throw invalidArgument(field, `must be a whole number of at least 0, but is ${value}`);
  }
  checkName('style', PROMPT_STYLES, style);
  let index = -1;
  for await (const row of readRows(file)) {
    index += 1;
    if (index < offset) continue;
    if (limit > 0 && index >= offset + limit) return;
    const problem = FILE_BENCHMARKS[name](row, index, style);
    const id = distinctId(name, problem.id, index, ids, row.place);
    ids.add(id);
    yield { ...problem, id };
  }
  if (ids.size === 0) throw invalidArgument(file, `holds no problems (after skipping ${offset})`);
}
