import { unpackInt32, type Chat, type Example, type PreferenceGroup } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

/** How a group states prompt and completions: an empty prompt is text, where nothing is given in another way. */
export function kindOf({ promptTokenIds, promptText, promptChat, completions }: PreferenceGroup): keyof Content {
  if (promptText !== '') return 'text';
  if (promptChat) return 'chat';
  if (promptTokenIds.length > 0 || completions.some(({ tokenIds }) => tokenIds.length > 0)) return 'tokens';
  return completions.some(({ chat }) => chat) ? 'chat' : 'text';
}

/** Refuses a preference group that breaks a rule of hone.types.v1.PreferenceGroup; `path` names it in the error. */
export function checkGroup(group: PreferenceGroup, path: string): void {
  const kind = kindOf(group);
  const prompt = { tokens: group.promptTokenIds, text: group.promptText, chat: group.promptChat };
  checkContent(kind, prompt, { tokens: 'prompt_token_ids', text: 'prompt_text', chat: 'prompt_chat' }, path);
  for (const [index, completion] of group.completions.entries()) {
    const { tokenIds: tokens, text, chat, referenceLogProb } = completion;
    const field = `${path}.completions[${index}]`;
    checkContent(kind, { tokens, text, chat }, { tokens: 'token_ids', text: 'text', chat: 'chat' }, field);
    // A sum of float32 log-probs may end a rounding error above 0.
    if (referenceLogProb !== undefined && !(referenceLogProb <= 1e-3 && Number.isFinite(referenceLogProb))) {
      const rule = `must be a log-prob, so finite and at most 0, but is ${referenceLogProb}`;
      throw invalidArgument(`${field}.reference_log_prob`, rule);
    }
  }
  checkPairs(group, path);
}

interface Content {
  readonly tokens: Uint8Array;
  readonly text: string;
  readonly chat: Chat | undefined;
}

/** A prompt or completion is of the group's kind, and of no other. */
function checkContent(
  kind: keyof Content,
  { tokens, text, chat }: Content,
  names: Readonly<Record<keyof Content, string>>,
  path: string,
): void {
  const rule = `must be empty where the group has ${{ tokens: 'token ids', text: 'text', chat: 'chats' }[kind]}`;
  if (kind === 'tokens') checkTokens(tokens, `${path}.${names.tokens}`);
  else if (tokens.length > 0) throw invalidArgument(`${path}.${names.tokens}`, rule);
  if (kind !== 'text' && text !== '') throw invalidArgument(`${path}.${names.text}`, rule);
  if (kind !== 'chat' && chat) throw invalidArgument(`${path}.${names.chat}`, rule);
  if (kind === 'chat' && !chat?.messages.length) {
    throw invalidArgument(`${path}.${names.chat}`, 'must have at least one message');
  }
  const nameless = kind === 'chat' ? chat!.messages.findIndex(({ role }) => role === '') : -1;
  if (nameless >= 0) throw invalidArgument(`${path}.${names.chat}.messages[${nameless}].role`, 'must not be empty');
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

/** Refuses an example that breaks a rule of hone.types.v1.Example; `path` names it in the error. */
export function checkExample(example: Example, path: string): void {
  const hasTokens = example.promptTokenIds.length > 0 || example.completionTokenIds.length > 0;
  const hasText = example.promptText !== '' || example.completionText !== '';
  if (hasTokens && hasText) throw invalidArgument(path, 'must have either token ids or text, not both');
  if (hasTokens) {
    checkTokens(example.promptTokenIds, `${path}.prompt_token_ids`);
    checkTokens(example.completionTokenIds, `${path}.completion_token_ids`);
  } else {
    if (example.promptText === '') throw invalidArgument(`${path}.prompt_text`, 'must not be empty');
    if (example.completionText === '') throw invalidArgument(`${path}.completion_text`, 'must not be empty');
  }
}

function checkTokens(bytes: Uint8Array, path: string): void {
  const ids = unpackInt32(bytes, path);
  if (ids.length === 0) throw invalidArgument(path, 'must have at least one token');
  const negative = ids.find((id) => id < 0);
  if (negative !== undefined) throw invalidArgument(path, `token ids must be at least 0, but one is ${negative}`);
}
