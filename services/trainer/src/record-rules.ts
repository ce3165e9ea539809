import { unpackInt32, type Example, type PreferenceGroup } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

/** Refuses a preference group that breaks a rule of hone.types.v1.PreferenceGroup; `path` names it in the error. */
export function checkGroup(group: PreferenceGroup, path: string): void {
  const isText = group.promptText !== '';
  if (isText) requireNoTokens(group.promptTokenIds, `${path}.prompt_token_ids`);
  else checkTokens(group.promptTokenIds, `${path}.prompt_token_ids`);
  for (const [index, completion] of group.completions.entries()) {
    const { referenceLogProb, text } = completion;
    const field = `${path}.completions[${index}]`;
    if (isText) requireNoTokens(completion.tokenIds, `${field}.token_ids`);
    else checkTokens(completion.tokenIds, `${field}.token_ids`);
    if (!isText && text !== '') throw invalidArgument(`${field}.text`, 'must be empty where the prompt is token ids');
    // A sum of float32 log-probs may end a rounding error above 0.
    if (referenceLogProb !== undefined && !(referenceLogProb <= 1e-3 && Number.isFinite(referenceLogProb))) {
      const rule = `must be a log-prob, so finite and at most 0, but is ${referenceLogProb}`;
      throw invalidArgument(`${path}.completions[${index}].reference_log_prob`, rule);
    }
  }
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

function requireNoTokens(bytes: Uint8Array, path: string): void {
  if (bytes.length > 0) throw invalidArgument(path, 'must be empty where the prompt is text');
}

function checkTokens(bytes: Uint8Array, path: string): void {
  const ids = unpackInt32(bytes, path);
  if (ids.length === 0) throw invalidArgument(path, 'must have at least one token');
  const negative = ids.find((id) => id < 0);
  if (negative !== undefined) throw invalidArgument(path, `token ids must be at least 0, but one is ${negative}`);
}
