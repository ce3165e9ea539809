/** Commands that the documents name are there, with their flags. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { makeProgram } from './program.ts';

const root = path.join(import.meta.dirname, '../../..');
const guides = readdirSync(path.join(root, 'docs/guides')).map((name) => `docs/guides/${name}`);
const pages = [...guides, 'docs/operations.md', 'docs/scorers.md', 'docs/losses.md', 'docs/rules.md'];

/** What stands behind "hone" in code of a page. */
function commandsIn(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  const inline = [...text.matchAll(/`(?:npx )?hone ([^`\n]+)`/g)];
  const lines = [...text.matchAll(/^ {4,}(?:npx )?hone ([^#\n]+)/gm)];
  return [...inline, ...lines].map((match) => match[1]!.trim());
}

/** What a command line breaks: a command or a flag that is not there. */
function faultOf(line: string): string | undefined {
  let command: Command = makeProgram();
  const flags = new Set(command.options.map(({ long }) => long));
  for (const word of line.split(/\s+/)) {
    const known = command.commands.find((child) => child.name() === word);
    if (known) command = known;
    else if (command.commands.length > 0 && /^[a-z-]+$/.test(word) && !word.startsWith('-'))
      return `no command ${word}`;
    command.options.forEach(({ long }) => flags.add(long));
    if (word.startsWith('--') && word !== '--help' && !flags.has(word)) return `no flag ${word}`;
  }
  return undefined;
}

test.each(pages)('%s: the commands that it names are there', (page) => {
  const faults = commandsIn(page).flatMap((line) => {
    const fault = faultOf(line);
    return fault === undefined ? [] : [`hone ${line}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

test('a command that is not there is found out', () => {
  expect(faultOf('runs shew RUN')).toBe('no command shew');
  expect(faultOf('runs samples RUN --state truncated')).toBe('no flag --state');
});
