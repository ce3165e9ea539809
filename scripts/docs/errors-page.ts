/** docs/reference/errors.md: every reason of an error, drawn from the table that is all that may be thrown. */
import { REASON_GROUPS, StatusCode } from '@hone/errors';
import { cell, code, table } from './markdown.ts';

interface Row {
  readonly codes: readonly string[];
  readonly meaning: string;
  readonly advice: string;
}

const section = ([title, rows]: [string, Readonly<Record<string, Row>>]): string[] => [
  `## ${title}`,
  table(
    ['reason', 'code', 'meaning', 'what to do'],
    Object.entries(rows).map(([reason, { codes, meaning, advice }]) => [
      ...[code(reason), codes.map(code).join(', '), cell(meaning), cell(advice)],
    ]),
  ),
];

/** The page, as Markdown that is not formatted yet. */
export function errorsPage(): string {
  const numbers = Object.entries(StatusCode).map(([name, number]) => `\`${name}\` ${number}`);
  return [
    '# Errors',
    '_Made from the table of reasons by `npm run docs`; do not edit._',
    'Every error is a gRPC status with `google.rpc.ErrorInfo` (domain `hone`): its reason says what happened, to programs; its message ' +
      'what to do, to people. INVALID_ARGUMENT has `google.rpc.BadRequest` too, with every field and the rule that it breaks. Where ' +
      'somebody else’s program states no reason, the reason is the name of its code.',
    `Codes: ${numbers.join(', ')}. Calls that end with \`UNAVAILABLE\` may be repeated as they are; \`ABORTED\` asks for a look first.`,
    ...Object.entries(REASON_GROUPS).flatMap(section),
  ].join('\n\n');
}
