import { excerpt, invalidArgument } from '@hone/errors';
import { checkConfig, type ScorerConfig, type ScorerType } from '../scorer-type.ts';
import { exactly, scorerOf, type FoundAnswer } from '../method.ts';
import { parseNumber } from '../number/number.ts';
import type { Scorer } from '../verdict.ts';

const SETTINGS = {
  pattern: 'a JavaScript regular expression; its group "answer", else its first group, else all of it is the answer',
  flags: 'its flags, of i, m, s, u and v; default none',
  pick: 'which match counts: last (default) or first',
  compare: 'text (default; white space folded) or number',
} as const;

const normalText = (text: string): string => text.trim().replace(/\s+/g, ' ');

interface Rule {
  readonly pattern: RegExp;
  readonly pick: string;
  readonly normal: (text: string) => string | undefined;
}

function oneOf(config: ScorerConfig, name: string, values: readonly string[]): string {
  const value = config[name] ?? values[0]!;
  if (!values.includes(value)) throw invalidArgument(`config.${name}`, `must be ${values.join(' or ')}`);
  return value;
}

function compile({ pattern, flags = '' }: ScorerConfig): RegExp {
  if (!pattern) throw invalidArgument('config.pattern', 'must be a regular expression');
  if (!/^[imsuv]*$/.test(flags)) throw invalidArgument('config.flags', 'may hold i, m, s, u and v only');
  try {
    return new RegExp(pattern, `${flags}dg`);
  } catch (thrown) {
    throw invalidArgument('config.pattern', (thrown as Error).message, thrown);
  }
}

function find(text: string, { pattern, pick, normal }: Rule): FoundAnswer | undefined {
  let found: FoundAnswer | undefined;
  for (const { indices } of text.matchAll(pattern)) {
    const [start, end] = indices!.groups?.['answer'] ?? indices![1] ?? indices![0]!;
    const answer = normal(text.slice(start, end));
    if (answer === undefined || answer === '') continue;
    found = { answer, span: { start, end }, rule: 'regex.pattern' };
    if (pick === 'first') break;
  }
  return found;
}

function create(config: ScorerConfig): Scorer {
  checkConfig(config, SETTINGS);
  const normal = oneOf(config, 'compare', ['text', 'number']) === 'text' ? normalText : parseNumber;
  const rule: Rule = { pattern: compile(config), pick: oneOf(config, 'pick', ['last', 'first']), normal };
  return scorerOf({
    ...{ name: regex.name, version: regex.version, description: regex.description },
    target(item) {
      const gold = normal(item.gold);
      if (gold === undefined) throw invalidArgument('gold', `must be a number, but is "${excerpt(item.gold, 80)}"`);
      return exactly(gold);
    },
    find: (text) => find(text, rule),
  });
}

/** What the user's own pattern finds is the gold answer. A pattern that backtracks without end runs into the deadline. */
export const regex: ScorerType = {
  name: 'regex',
  version: '2',
  description: 'What a regular expression of your own finds equals the gold answer, as text or as a number.',
  settings: SETTINGS,
  create,
};
