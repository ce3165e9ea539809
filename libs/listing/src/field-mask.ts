/** Field masks (AIP-157, AIP-161) over a message's own fields, in snake_case as in the proto. */
import { invalidArgument } from '@hone/errors';

/** create_time -> createTime, as generated code has it. */
const camelCase = (field: string): string => field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function check(mask: readonly string[], allowed: readonly string[], name: string): void {
  for (const path of mask) {
    if (!allowed.includes(path) && path !== '*')
      throw invalidArgument(name, `"${path}" is none of ${allowed.join(', ')}`);
  }
}

/** The fields that an update changes; `*` is all that can be changed. */
export function readUpdateMask(mask: readonly string[] | undefined, updatable: readonly string[]): string[] {
  if (!mask || mask.length === 0)
    throw invalidArgument('update_mask', `must name what changes: ${updatable.join(', ')}, or *`);
  check(mask, updatable, 'update_mask');
  return mask.includes('*') ? [...updatable] : [...new Set(mask)];
}

/** How ts-proto's messages are made. */
interface MessageType<Message> {
  fromPartial(object: object): Message;
}

/** Checks a read mask and gives what leaves only its fields in a message; without a mask, all. */
export function readReadMask<Message extends object>(
  mask: readonly string[] | undefined,
  type: MessageType<Message>,
): (message: Message) => Message {
  if (!mask || mask.length === 0 || mask.includes('*')) return (message) => message;
  const fields = Object.keys(type.fromPartial({}));
  const allowed = fields.map((field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  check(mask, allowed, 'read_mask');
  const kept = new Set(mask.map(camelCase));
  return (message) =>
    type.fromPartial(Object.fromEntries(Object.entries(message).filter(([field]) => kept.has(field))));
}
