/**
 * Lines of judged problems, for rules that are applied to a file:
 *
 *     {"id": "p1", "gold": "4", "solution": "2 + 2 = 4", "completions": [{"text": "… 4", "score": 1, "answer": "4", "log_prob": -3.2}, …]}
 *
 * Of a problem, "id" (else the line's number), "prompt", "gold" and "solution" may be left out; of a completion all but "text". "tokens"
 * are its token ids, or how many there are; without them the words of the text stand for tokens, so that equal texts are equal and lengths
 * are in words. "state" is SCORED where there is a score (0 to 1, or true and false), else UNSCORABLE, TRUNCATED or ERROR.
 */
import {
  FinishReason,
  JudgedProblem,
  messageOf,
  packFloat32,
  packInt32,
  VerdictState,
  type PartialMessage,
} from '@hone/contracts';
import { excerpt, invalidArgument } from '@hone/errors';
import { jsonLines, requireFits, tokenIdsOf, type JsonLine } from '../files/json-lines.ts';

type Judged = NonNullable<PartialMessage<JudgedProblem>['completions']>[number];

/** The problems of a file; a line that is none is named by its number. */
export async function* judgedLines(file: string): AsyncGenerator<JudgedProblem> {
  let count = 0;
  for await (const line of jsonLines(file)) {
    const problem = judgedProblemOf(line);
    requireFits(line, JudgedProblem.encode(problem).finish().length);
    count += 1;
    yield problem;
  }
  if (count === 0) throw invalidArgument('--input', `${file} holds no problems`);
}

/** A line as a problem. */
export function judgedProblemOf(line: JsonLine): JudgedProblem {
  const { where } = line;
  const id = textOf(line, 'id', where.slice(where.lastIndexOf(':') + 1));
  const [prompt, gold, solution] = ['prompt', 'gold', 'solution'].map((name) => textOf(line, name, '')) as [
    string,
    string,
    string,
  ];
  return messageOf(JudgedProblem, {
    problemId: id,
    promptTokenIds: packInt32(tokensOf(prompt)),
    completions: completionsOf(line).map((given, index) => judgedOf(given, index)),
    problem: { id, gold, solution, prompt: { id, content: { $case: 'text', value: prompt } } },
  });
}

function completionsOf({ row, where }: JsonLine): JsonLine[] {
  const { completions = [] } = row;
  if (!Array.isArray(completions)) throw invalidArgument(`${where} completions`, 'must be a list');
  return completions.map((given: unknown, index) => {
    const place = `${where} completions[${index}]`;
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw invalidArgument(place, 'must be an object, such as {"text": "…", "score": 1}');
    return { where: place, row: given as JsonLine['row'] };
  });
}

function judgedOf(line: JsonLine, sampleIndex: number): Judged {
  const text = textOf(line, 'text');
  const tokenIds = tokens(line, text);
  const logProb = numberOf(line, 'log_prob');
  const isCut = flagOf(line, 'truncated') ?? false;
  const score = typeof line.row['score'] === 'boolean' ? Number(line.row['score']) : numberOf(line, 'score');
  const state = stateOf(line, score);
  if (score !== undefined && !(score >= 0 && score <= 1))
    throw invalidArgument(`${line.where} score`, `must be from 0 to 1, but is ${score}`);
  // Only the sum is told; which token has it does not matter.
  const logProbs = logProb === undefined ? [] : tokenIds.map((_, at) => (at === 0 ? logProb : 0));
  const completion = {
    ...{ sampleIndex, text, tokenIds: packInt32(tokenIds), logProbs: packFloat32(logProbs), exactLogProbs: true },
    finishReason: isCut || state === VerdictState.TRUNCATED ? FinishReason.LENGTH : FinishReason.STOP,
  };
  if (state === undefined) return { completion };
  return { completion, verdict: { state, score: score ?? 0, extractedAnswer: textOf(line, 'answer', '') } };
}

/** Undefined where nothing is said of a verdict: there are rules that need none. */
function stateOf({ row, where }: JsonLine, score: number | undefined): VerdictState | undefined {
  const given = row['state'];
  if (given === undefined || given === null) return score === undefined ? undefined : VerdictState.SCORED;
  const states = [VerdictState.SCORED, VerdictState.UNSCORABLE, VerdictState.TRUNCATED, VerdictState.ERROR];
  const found = states.find((state) => state.replace('VERDICT_STATE_', '') === String(given).toUpperCase());
  if (!found) {
    const rule = `must be SCORED, UNSCORABLE, TRUNCATED or ERROR, but is "${excerpt(String(given), 40)}"`;
    throw invalidArgument(`${where} state`, rule);
  }
  if (found === VerdictState.SCORED && score === undefined)
    throw invalidArgument(`${where} score`, 'must be set where the state is SCORED');
  return found;
}

function textOf({ row, where }: JsonLine, name: string, fallback?: string): string {
  const value = row[name] ?? fallback;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && name !== 'text') return String(value);
  throw invalidArgument(`${where} ${name}`, value === undefined ? 'must be set' : 'must be text');
}

function numberOf({ row, where }: JsonLine, name: string): number | undefined {
  const value = row[name] ?? undefined;
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw invalidArgument(`${where} ${name}`, 'must be a number');
}

function flagOf({ row, where }: JsonLine, name: string): boolean | undefined {
  const value = row[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalidArgument(`${where} ${name}`, 'must be true or false');
}

/** Longer completions are no model's. */
const MOST_TOKENS = 1_000_000;

function tokens({ row, where }: JsonLine, text: string): number[] {
  const given = row['tokens'] ?? undefined;
  if (given === undefined) return tokensOf(text);
  if (typeof given !== 'number') return tokenIdsOf(row, 'tokens', where);
  if (!Number.isInteger(given) || given < 1 || given > MOST_TOKENS)
    throw invalidArgument(`${where} tokens`, 'must be a list of token ids, or how many there are: at least 1');
  return Array.from({ length: given }, (_, at) => idOf(`${at} ${text}`));
}

/** Words with the blanks before them, as ids. */
const tokensOf = (text: string): number[] => (text.match(/\s*\S+|\s+$/g) ?? ['']).map(idOf);

/** FNV-1a, in 31 bits. */
function idOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 1;
}
