/**
 * A line of a pairs file as a preference group of its own, or as an example with a label, in the forms that TRL knows:
 *
 *     {"prompt": "…", "chosen": "…", "rejected": "…"}                texts
 *     {"prompt": [{"role", "content"}, …], "chosen": […], "rejected": […]}   conversations
 *     {"chosen": …, "rejected": …}                                    either, whose common beginning is the prompt
 *     {"prompt": …, "completion": …, "label": true}                   a completion that is desirable or not
 *
 * and as token ids: {"prompt_token_ids": […], "chosen_token_ids": […], "rejected_token_ids": […]}, or {"prompt_token_ids": […],
 * "completion_token_ids": […], "label": true}.
 */
import { messageOf, packInt32, UploadDatasetRequest, type ChatMessage, type PartialMessage } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { tokenIdsOf, type JsonLine } from './json-lines.ts';

type Turns = readonly ChatMessage[];
type Content = string | Turns;
type Records = NonNullable<PartialMessage<UploadDatasetRequest>['record']>;
type Group = Extract<Records, { $case: 'group' }>['value'];
type Labelled = Extract<Records, { $case: 'example' }>['value'];

/** The line as a message. Its number is the problem's id, so that what the trainer refuses is found. */
export function pairRequest(line: JsonLine): UploadDatasetRequest {
  const problemId = `line ${line.where.slice(line.where.lastIndexOf(':') + 1)}`;
  if ('label' in line.row) {
    const value = { id: problemId, desirable: labelOf(line), ...labelledOf(line) };
    return messageOf(UploadDatasetRequest, { record: { $case: 'example', value } });
  }
  const value = { problemId, pairs: [{ chosen: 0, rejected: 1 }], ...groupOf(line) };
  return messageOf(UploadDatasetRequest, { record: { $case: 'group', value } });
}

function labelOf({ row, where }: JsonLine): boolean {
  const { label } = row;
  if (typeof label === 'boolean') return label;
  throw invalidArgument(`${where} label`, 'must be true or false: whether the completion is desirable');
}

function labelledOf(line: JsonLine): Partial<Labelled> {
  const { row, where } = line;
  if ('prompt_token_ids' in row) {
    const packed = (name: string): Buffer => packInt32(tokenIdsOf(row, name, where));
    return { promptTokenIds: packed('prompt_token_ids'), completionTokenIds: packed('completion_token_ids') };
  }
  const [prompt, completion] = [contentOf(line, 'prompt'), contentOf(line, 'completion')];
  if (typeof prompt === 'string' && typeof completion === 'string')
    return { promptText: prompt, completionText: completion };
  if (typeof prompt === 'string' || typeof completion === 'string') {
    const form = typeof prompt === 'string' ? 'text' : 'a list of messages';
    throw invalidArgument(`${where} completion`, `must be ${form}, as "prompt" is`);
  }
  return { promptChat: chatOf(prompt), completionChat: chatOf(completion) };
}

const chatOf = (turns: Turns): { messages: ChatMessage[] } => ({ messages: [...turns] });

function groupOf(line: JsonLine): Partial<Group> {
  const { row, where } = line;
  if ('prompt_token_ids' in row) {
    const packed = (name: string): Buffer => packInt32(tokenIdsOf(row, name, where));
    const completions = ['chosen_token_ids', 'rejected_token_ids'].map((name) => ({ tokenIds: packed(name) }));
    return { promptTokenIds: packed('prompt_token_ids'), completions };
  }
  if (!('chosen' in row) || !('rejected' in row)) {
    const rule =
      'must have "chosen" and "rejected", and "prompt" where they do not begin with it; or "prompt", "completion" and "label"; or "prompt_token_ids" and so on';
    throw invalidArgument(where, rule);
  }
  const { prompt, chosen, rejected } = contentsOf(line);
  if (typeof prompt === 'string') {
    return { promptText: prompt, completions: [chosen, rejected].map((text) => ({ text: text as string })) };
  }
  return {
    promptChat: chatOf(prompt),
    completions: [chosen, rejected].map((turns) => ({ chat: chatOf(turns as Turns) })),
  };
}

interface Contents {
  readonly prompt: Content;
  readonly chosen: Content;
  readonly rejected: Content;
}

/** All three are texts, or all three are conversations. */
function contentsOf(line: JsonLine): Contents {
  const { row, where } = line;
  const [chosen, rejected] = [contentOf(line, 'chosen'), contentOf(line, 'rejected')];
  const isText = typeof chosen === 'string';
  if ((typeof rejected === 'string') !== isText) {
    throw invalidArgument(`${where} rejected`, `must be ${isText ? 'text' : 'a list of messages'}, as "chosen" is`);
  }
  const prompt = (row['prompt'] ?? null) === null ? null : contentOf(line, 'prompt');
  if (isText) return textContents(prompt, chosen, rejected as string, where);
  return chatContents(prompt, chosen, rejected as Turns, where);
}

function textContents(prompt: Content | null, chosen: string, rejected: string, where: string): Contents {
  if (prompt === null) return withCommonPrompt(chosen, rejected);
  if (typeof prompt === 'string') return { prompt, chosen, rejected };
  throw invalidArgument(`${where} chosen`, 'must be a list of messages, as "prompt" is');
}

/** A prompt that is text beside whole conversations, as some data sets have it, is what they begin with. */
function chatContents(prompt: Content | null, chosen: Turns, rejected: Turns, where: string): Contents {
  const isStated = prompt !== null && typeof prompt !== 'string';
  const contents = isStated ? { prompt, chosen, rejected } : withCommonPrompt(chosen, rejected);
  if (contents.prompt.length === 0) {
    const rule =
      'must be a list of messages ([{"role": "user", "content": "…"}]), or what "chosen" and "rejected" begin with';
    throw invalidArgument(`${where} prompt`, rule);
  }
  const empty = (['chosen', 'rejected'] as const).find((name) => contents[name].length === 0);
  if (empty) throw invalidArgument(`${where} ${empty}`, 'has no message of its own behind the prompt');
  return contents;
}

/**
 * What both begin with alike is the prompt, by TRL's rule (extract_prompt): a blank before the first difference goes with the
 * completions, and so does the end of a text that the other begins with.
 */
function withCommonPrompt<Whole extends Content>(chosen: Whole, rejected: Whole): Contents {
  const same = (index: number): boolean => JSON.stringify(chosen[index]) === JSON.stringify(rejected[index]);
  const shorter = Math.min(chosen.length, rejected.length);
  let length = 0;
  while (length < shorter && same(length)) length += 1;
  if (length === shorter) length = Math.max(0, shorter - 1);
  else if (length > 0 && chosen[length - 1] === ' ') length -= 1;
  // No half of a surrogate pair ends the prompt.
  if (typeof chosen === 'string' && /[\ud800-\udbff]/.test(chosen.charAt(length - 1))) length -= 1;
  return { prompt: chosen.slice(0, length), chosen: chosen.slice(length), rejected: rejected.slice(length) };
}

function contentOf({ row, where }: JsonLine, name: string): Content {
  const value = row[name];
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) throw invalidArgument(`${where} ${name}`, 'must be text or a list of messages');
  return value.map((message: unknown, index) => {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    if (typeof role === 'string' && role !== '' && typeof content === 'string') return { role, content };
    throw invalidArgument(`${where} ${name}[${index}]`, 'must be a message {"role", "content"} of texts');
  });
}
