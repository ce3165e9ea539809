import { unpackInt32, type Chat, type Example, type PreferenceGroup, type TrainingCompletion } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

/** How prompts and completions are stated. */
export type ContentKind = keyof Content;

/** How a group states prompt and completions: an empty prompt is text, where nothing is given in another way. */
export function kindOfGroup({ promptTokenIds, promptText, promptChat, completions }: PreferenceGroup): ContentKind {
  if (promptText !== '') return 'text';
  if (promptChat) return 'chat';
  if (promptTokenIds.length > 0 || completions.some(({ tokenIds }) => tokenIds.length > 0)) return 'tokens';
  return completions.some(({ chat }) => chat) ? 'chat' : 'text';
}

const PROMPT_FIELDS = { tokens: 'prompt_token_ids', text: 'prompt_text', chat: 'prompt_chat' } as const;
const COMPLETION_FIELDS = { tokens: 'completion_token_ids', text: 'completion_text', chat: 'completion_chat' } as const;

/** Refuses a preference group that breaks a rule of hone.types.v1.PreferenceGroup; `path` names it in the error. */
export function checkGroup(group: PreferenceGroup, path: string): void {
  const kind = kindOfGroup(group);
  const prompt = { tokens: group.promptTokenIds, text: group.promptText, chat: group.promptChat };
  checkContent(kind, prompt, PROMPT_FIELDS, path);
  for (const [index, completion] of group.completions.entries()) {
    const { tokenIds: tokens, text, chat, referenceLogProb, sampledLogProbs } = completion;
    const field = `${path}.completions[${index}]`;
    const own = kind === 'tokens' && isText(completion) ? 'text' : kind;
    checkContent(own, { tokens, text, chat }, { tokens: 'token_ids', text: 'text', chat: 'chat' }, field);
    // A sum of float32 log-probs may end a rounding error above 0.
    if (referenceLogProb !== undefined && !(referenceLogProb <= 1e-3 && Number.isFinite(referenceLogProb))) {
      const rule = `must be a log-prob, so finite and at most 0, but is ${referenceLogProb}`;
      throw invalidArgument(`${field}.reference_log_prob`, rule);
    }
    // Both are four bytes each.
    if (sampledLogProbs.length > 0 && sampledLogProbs.length !== tokens.length)
      throw invalidArgument(`${field}.sampled_log_probs`, 'must be one for each of token_ids, or none at all');
  }
  checkPairs(group, path);
}

/** Whether a completion of a group of token ids is text behind them, as a solution is: the trainer makes tokens of it. */
export const isText = ({ tokenIds, text }: TrainingCompletion): boolean => tokenIds.length === 0 && text !== '';

interface Content {
  readonly tokens: Uint8Array;
  readonly text: string;
  readonly chat: Chat | undefined;
}

/** A prompt or completion is of the group's kind, and of no other. */
function checkContent(
  kind: ContentKind,
  { tokens, text, chat }: Content,
  names: Readonly<Record<keyof Content, string>>,
  path: string,
): void {
  const rule = `must be empty where the group has ${{ tokens: 'token ids', text: 'text', chat: 'chats' }[kind]}`;
  if (kind === 'tokens') checkTokens(tokens, `${path}.${names.tokens}`);
  else if (tokens.length > 0) throw invalidArgument(`${path}.${names.tokens}`, rule);
  if (kind !== 'text' && text !== '') throw invalidArgument(`${path}.${names.text}`, rule);
  if (kind === 'chat') checkChat(chat, `${path}.${names.chat}`);
  else if (chat) throw invalidArgument(`${path}.${names.chat}`, rule);
}

function checkChat(chat: Chat | undefined, path: string): void {
  if (!chat?.messages.length) throw invalidArgument(path, 'must have at least one message');
  const nameless = chat.messages.findIndex(({ role }) => role === '');
  if (nameless >= 0) throw invalidArgument(`${path}.messages[${nameless}].role`, 'must not be empty');
}

function checkPairs(group: PreferenceGroup, path: string): void {
  if (group.pairs.length === 0) throw invalidArgument(`${path}.pairs`, 'must have at least one pair');
  for (const [index, { chosen, rejected }] of group.pairs.entries()) {
    for (const [side, at] of [
      ['chosen', chosen],
      ['rejected', rejected],
    ] as const) {
      if (at >= 0 && at < group.completions.length) continue;
      const rule = `must be an index into the ${group.completions.length} completions, but is ${at}`;
      throw invalidArgument(`${path}.pairs[${index}].${side}`, rule);
    }
    if (chosen === rejected) {
      throw invalidArgument(`${path}.pairs[${index}].rejected`, 'must be another completion than the chosen one');
    }
  }
}

/** How an example states prompt and completion: as text, where nothing is given in another way. */
export function kindOfExample({
  promptTokenIds,
  completionTokenIds,
  promptChat,
  completionChat,
}: Example): ContentKind {
  if (promptTokenIds.length > 0 || completionTokenIds.length > 0) return 'tokens';
  return promptChat || completionChat ? 'chat' : 'text';
}

/** Refuses an example that breaks a rule of hone.types.v1.Example; `path` names it in the error. */
export function checkExample(example: Example, path: string): void {
  const { promptText, completionText, promptChat, completionChat, desirable, advantage } = example;
  const kind = kindOfExample(example);
  if (advantage !== undefined && !Number.isFinite(advantage))
    throw invalidArgument(`${path}.advantage`, `must be finite, but is ${advantage}`);
  if (advantage !== undefined && desirable !== undefined)
    throw invalidArgument(`${path}.desirable`, 'must be unset where there is an advantage');
  const hasText = promptText !== '' || completionText !== '';
  const hasChat = promptChat !== undefined || completionChat !== undefined;
  if ((kind !== 'text' && hasText) || (kind !== 'chat' && hasChat))
    throw invalidArgument(path, 'must have either token ids, text or chats, not both');
  if (kind === 'text') {
    if (promptText === '') throw invalidArgument(`${path}.${PROMPT_FIELDS.text}`, 'must not be empty');
    if (completionText === '') throw invalidArgument(`${path}.${COMPLETION_FIELDS.text}`, 'must not be empty');
  } else if (kind === 'tokens') {
    checkTokens(example.promptTokenIds, `${path}.${PROMPT_FIELDS.tokens}`);
    checkTokens(example.completionTokenIds, `${path}.${COMPLETION_FIELDS.tokens}`);
  } else {
    checkChat(promptChat, `${path}.${PROMPT_FIELDS.chat}`);
    checkChat(completionChat, `${path}.${COMPLETION_FIELDS.chat}`);
  }
}

function checkTokens(bytes: Uint8Array, path: string): void {
  const ids = unpackInt32(bytes, path);
  if (ids.length === 0) throw invalidArgument(path, 'must have at least one token');
  const negative = ids.find((id) => id < 0);
  if (negative !== undefined) throw invalidArgument(path, `token ids must be at least 0, but one is ${negative}`);
}
