import { unpackInt32, type Problem, type Prompt } from '@hone/contracts';
import type { FieldViolation } from '@hone/errors';

const MAX_ID_CHARS = 200;
const ROLES = ['system', 'user', 'assistant'];

/** The rules of hone.types.v1.Problem that this problem breaks. */
export function problemViolations(problem: Problem): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const refuse = (field: string, description: string): void => {
    violations.push({ field: `problem.${field}`, description });
  };
  if (problem.id.length < 1 || problem.id.length > MAX_ID_CHARS)
    refuse('id', `must have 1 to ${MAX_ID_CHARS} characters, but has ${problem.id.length}`);
  if (problem.prompt) checkPrompt(problem.prompt, problem.id, refuse);
  else refuse('prompt', 'must be set');
  if (problem.gold === '') refuse('gold', 'must not be empty');
  const labels = problem.choices.map((choice) => choice.label);
  if (labels.includes('')) refuse('choices', 'every option must have a label');
  if (new Set(labels).size < labels.length) refuse('choices', 'labels must differ');
  return violations;
}

function checkPrompt(prompt: Prompt, problemId: string, refuse: (field: string, description: string) => void): void {
  if (prompt.id !== problemId) refuse('prompt.id', `must equal the problem's id "${problemId}", but is "${prompt.id}"`);
  const { content } = prompt;
  if (!content) refuse('prompt', 'must have text, chat or token_ids');
  else if (content.$case === 'text' && content.value === '') refuse('prompt.text', 'must not be empty');
  else if (content.$case === 'tokenIds' && unpackInt32(content.value, 'problem.prompt.token_ids').length === 0)
    refuse('prompt.token_ids', 'must not be empty');
  else if (content.$case === 'chat') {
    const { messages } = content.value;
    if (messages.length === 0) refuse('prompt.chat.messages', 'must have at least one turn');
    const stranger = messages.find((message) => !ROLES.includes(message.role));
    if (stranger) refuse('prompt.chat.messages', `role must be one of ${ROLES.join(', ')}, but is "${stranger.role}"`);
  }
}
