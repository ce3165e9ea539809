/** What a service says of itself. */
import { ALL_SETTINGS, type Setting } from './settings.ts';
import type { Role } from './roles.ts';
import { VARIABLES } from './variables.ts';

const WIDTH = 80;

/** A text behind a margin, in lines of at most 80 characters where its words allow it. */
function wrapped(text: string, margin: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)!}${lines.at(-1) === '' ? '' : ' '}${word}`;
    if (margin + line.length > WIDTH && lines.at(-1) !== '') lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => `${' '.repeat(margin)}${line}\n`).join('');
}

function entry(role: Role, { flag, variable, value, description, fallback, fallbackText }: Setting<unknown>): string {
  const names = flag === undefined ? `${variable}=${value}` : `--${flag} ${value}, ${variable}`;
  return `  ${names}\n${wrapped(`${description} (default: ${fallbackText ?? fallback(role)})`, 6)}`;
}

/** All flags and variables that a service reads, with their defaults. */
export function helpOf(role: Role): string {
  const settings = ALL_SETTINGS.filter(({ roles }) => roles.includes(role));
  const variables = VARIABLES.filter(({ roles }) => roles.includes(role));
  return [
    `The ${role} of Hone, a gRPC service (contracts: protos/hone).\n\n`,
    `Usage: ${role} [flags]\n\n`,
    'Flags and environment variables; a flag goes before its variable:\n\n',
    ...settings.map((setting) => entry(role, setting)),
    ...(variables.length > 0 ? ['\nVariables that its libraries read:\n\n'] : []),
    ...variables.map(({ name, description }) => `  ${name}\n${wrapped(description, 6)}`),
    '\n  --help, --version\n',
    '\nWhen it listens it prints one JSON line on stdout: {"event":"listening","role",\n"address","pid"}. It ends at SIGTERM and SIGINT. Logs are JSON lines on stderr.\n',
  ].join('');
}
