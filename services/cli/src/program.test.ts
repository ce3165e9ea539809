import type { Command } from 'commander';
import stringWidth from 'fast-string-width';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeProgram } from './program.ts';

afterEach(() => void vi.unstubAllEnvs());

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];
const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
const commands = allOf(makeProgram());
const wordsOf = (text: string): string[] => text.split(/\s+/);

describe.each([80, 100, 140])('at %i columns', (columns) => {
  it.each(commands.map((command) => [nameOf(command), command] as const))('the help of %s fits', (_, command) => {
    vi.stubEnv('COLUMNS', String(columns));
    const help = command.helpInformation();
    for (const line of help.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    // Broken between words only.
    for (const word of command.options.flatMap(({ description }) => wordsOf(description)))
      expect(wordsOf(help)).toContain(word);
  });
});
