/** Lines of completions to judge, and lines of verdicts. */
import {
  FinishReason,
  messageOf,
  ScoreItem,
  Verdict,
  VerdictState,
  type Choice,
  type ExplanationStep,
} from '@hone/contracts';
import { excerpt, invalidArgument } from '@hone/errors';
import { jsonLines, type JsonLine } from './json-lines.ts';

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: FinishReason.STOP,
  length: FinishReason.LENGTH,
};

function textOf({ row, where }: JsonLine, name: string, fallback?: string): string {
  const value = row[name] ?? fallback;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && (name === 'id' || name === 'gold')) return String(value);
  throw invalidArgument(`${where} ${name}`, value === undefined ? 'must be set' : 'must be text');
}

function finishReasonOf(line: JsonLine): FinishReason {
  const given = textOf(line, 'finish_reason', 'stop');
  const reason = FINISH_REASONS[given.toLowerCase().replace('finish_reason_', '')];
  if (reason) return reason;
  throw invalidArgument(`${line.where} finish_reason`, `must be "stop" or "length", but is "${excerpt(given, 40)}"`);
}

/** Options as texts, which are lettered, or as {label, text}. */
function choicesOf({ row, where }: JsonLine): Choice[] {
  const given = row['choices'] ?? [];
  const rule = 'must be a list of texts or of {"label", "text"}';
  if (!Array.isArray(given)) throw invalidArgument(`${where} choices`, rule);
  return given.map((choice: unknown, index) => {
    if (typeof choice === 'string') return { label: String.fromCharCode(65 + index), text: choice };
    const { label, text } = (choice ?? {}) as { label?: unknown; text?: unknown };
    if (typeof label === 'string' && typeof text === 'string') return { label, text };
    throw invalidArgument(`${where} choices[${index}]`, rule);
  });
}

/** The items of a file; a line that is none is named by its number. Without an id a line's number is its id. */
export async function* scoreItems(file: string): AsyncGenerator<ScoreItem> {
  for await (const line of jsonLines(file)) {
    yield messageOf(ScoreItem, {
      id: textOf(line, 'id', line.where.slice(line.where.lastIndexOf(':') + 1)),
      prompt: textOf(line, 'prompt', ''),
      completion: textOf(line, 'completion'),
      gold: textOf(line, 'gold'),
      finishReason: finishReasonOf(line),
      choices: choicesOf(line),
    });
  }
}

export const stateOf = ({ state }: Verdict): string => state.replace('VERDICT_STATE_', '');

const stepLine = ({ layer, text, span }: ExplanationStep): object => ({
  ...{ layer, text },
  ...(span && { span: { start: span.start, end: span.end } }),
});

/** A verdict for programs; only a scored one has a score, so that no failure can be taken for a 0. */
export function verdictLine(verdict: Verdict): object {
  const { id, score, extractedAnswer, normalGold, span, rule, scorer, scorerVersion, message } = verdict;
  const scored = verdict.state === VerdictState.SCORED && {
    ...{ score, extracted_answer: extractedAnswer, normal_gold: normalGold, rule },
    ...(span && { span: { start: span.start, end: span.end } }),
  };
  return {
    ...{ id, state: stateOf(verdict), ...scored, scorer, scorer_version: scorerVersion },
    ...(message !== '' && { message }),
    ...(verdict.explanation.length > 0 && { explanation: verdict.explanation.map(stepLine) }),
  };
}

/** A verdict for people. */
export function verdictText(verdict: Verdict): string {
  const { id, score, extractedAnswer, normalGold, rule, message } = verdict;
  const isScored = verdict.state === VerdictState.SCORED;
  const said = isScored ? `${score}  ${extractedAnswer} (gold ${normalGold || '?'}; ${rule})` : message;
  return [`${id}  ${stateOf(verdict)}  ${said}`, ...verdict.explanation.map(stepText)].join('\n');
}

function stepText({ layer, text, span }: ExplanationStep): string {
  const where = span ? ` [${span.start}, ${span.end})` : '';
  return `    ${`${layer}:`.padEnd(12)} ${text}${where}`;
}
