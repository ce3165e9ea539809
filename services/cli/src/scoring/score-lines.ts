/** Lines of completions to judge, and lines of verdicts. */
import { CHOICES_RULE, parseChoices } from '@hone/benchmarks';
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
import { jsonLines, requireFits, type JsonLine } from '../files/json-lines.ts';

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

function choicesOf({ row, where }: JsonLine): Choice[] {
  const choices = parseChoices(row['choices'] ?? []);
  if (choices) return choices.map((choice) => ({ ...choice }));
  throw invalidArgument(`${where} choices`, CHOICES_RULE);
}

/** The items of a file; a line that is none is named by its number. Without an id a line's number is its id. */
export async function* scoreItems(file: string): AsyncGenerator<ScoreItem> {
  for await (const line of jsonLines(file)) {
    const item = messageOf(ScoreItem, {
      id: textOf(line, 'id', line.where.slice(line.where.lastIndexOf(':') + 1)),
      prompt: textOf(line, 'prompt', ''),
      completion: textOf(line, 'completion'),
      gold: textOf(line, 'gold'),
      finishReason: finishReasonOf(line),
      choices: choicesOf(line),
    });
    requireFits(line, ScoreItem.encode(item).finish().length);
    yield item;
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
