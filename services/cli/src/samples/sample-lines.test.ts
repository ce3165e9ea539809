import {
  FinishReason,
  messageOf,
  Sample,
  SampleOutcome,
  SamplePair,
  VerdictState,
  WeightPrecision,
} from '@hone/contracts';
import { describe, expect, it } from 'vitest';
import { pairDocument, pairText, sampleDocument, sampleText } from './sample-lines.ts';

const QUESTION =
  'There are 3 boxes with 8 marbles in each, and 4 more on the table. How many marbles are there in all?';
const SAID = 'Three boxes hold 3 * 8 = 24 marbles.\n\nWith those on the table that makes 24 + 4 = 29 marbles in all.';

const wrong = messageOf(Sample, {
  iteration: 2,
  problem: { id: 'p7', gold: '28', prompt: { id: 'p7', content: { $case: 'text', value: QUESTION } } },
  completion: {
    ...{ promptId: 'p7', sampleIndex: 5, text: SAID, seed: 123n, finishReason: FinishReason.STOP },
    checkpoint: `checkpoints/${'0123456789ab'.repeat(5)}0000`,
    ...{ engine: 'onnxruntime', weightPrecision: WeightPrecision.INT8 },
  },
  verdict: {
    ...{ state: VerdictState.SCORED, score: 0, extractedAnswer: '29', normalGold: '28', rule: 'gsm8k.last_number' },
    ...{ scorer: 'gsm8k', scorerVersion: '3' },
  },
  outcome: SampleOutcome.WRONG,
});

describe('a sample', () => {
  it('shows question, completion, what was read of it and where it comes from', () => {
    expect(sampleText(wrong, 80).split('\n')).toEqual([
      'problem p7, sample 5 of iteration 2: wrong',
      '  asked',
      '    There are 3 boxes with 8 marbles in each, and 4 more on the table. How many',
      '    marbles are there in all?',
      '  said',
      '    Three boxes hold 3 * 8 = 24 marbles.',
      '',
      '    With those on the table that makes 24 + 4 = 29 marbles in all.',
      '  read as 29 (gsm8k.last_number); right is 28',
      '  seed 123, checkpoints/0123456789ab, by onnxruntime int8, judged by gsm8k 3',
    ]);
  });

  it.each([40, 80, 140])('is broken at words, in lines of at most %i columns', (columns) => {
    const lines = sampleText(wrong, columns).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    const words = lines.flatMap((line) => line.split(' '));
    for (const word of [...QUESTION.split(' '), ...SAID.split(/\s+/)]) expect(words).toContain(word);
  });

  it.each([
    [{ state: VerdictState.UNSCORABLE, message: 'no number' }, '  no answer was read (no number); right is 28'],
    [{ state: VerdictState.ERROR, message: 'too late' }, '  the scorer failed (too late); right is 28'],
    [
      { state: VerdictState.SCORED, score: 0.8, rule: 'llm-judge.points' },
      '  score 0.80 (llm-judge.points); right is 28',
    ],
    [{ state: VerdictState.TRUNCATED }, '  no answer was read; right is 28'],
    [undefined, '  not judged yet'],
  ])('with the verdict %j says so', (verdict, line) => {
    const sample = messageOf(Sample, { ...wrong, verdict });
    expect(sampleText(sample, 80).split('\n')).toContain(line);
  });

  it('that was cut off says so, and cannot steer the terminal', () => {
    const completion = { ...wrong.completion!, text: 'a\u001b[2Jb', finishReason: FinishReason.LENGTH };
    const text = sampleText({ ...wrong, completion }, 80);
    expect(text).toContain('said, cut off at the token limit\n    a\ufffd[2Jb');
  });

  it('of a chat shows every turn', () => {
    const messages = [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: 'One and one?' },
    ];
    const prompt = { ...wrong.problem!.prompt!, content: { $case: 'chat' as const, value: { messages } } };
    const text = sampleText({ ...wrong, problem: { ...wrong.problem!, prompt } }, 80);
    expect(text).toContain('    system: Be short.\n    user: One and one?');
  });

  it('is whole for programs', () => {
    expect(sampleDocument(wrong)).toEqual({
      ...{ iteration: 2, problem: 'p7', prompt: QUESTION, gold: '28', sample: 5, completion: SAID },
      ...{ finish_reason: 'stop', seed: '123', checkpoint: wrong.completion!.checkpoint, outcome: 'wrong', score: 0 },
      ...{ engine: 'onnxruntime', precision: 'int8' },
      ...{ extracted_answer: '29', rule: 'gsm8k.last_number', reason: '', scorer: 'gsm8k', scorer_version: '3' },
    });
  });
});

it('a pair shows both completions of its problem', () => {
  const right = messageOf(Sample, {
    ...wrong,
    completion: { ...wrong.completion!, sampleIndex: 1, text: '24 + 4 = 28' },
    verdict: { ...wrong.verdict!, score: 1, extractedAnswer: '28' },
    outcome: SampleOutcome.RIGHT,
  });
  const pair = messageOf(SamplePair, { chosen: right, rejected: { ...wrong, problem: undefined } });
  const lines = pairText(pair, 80).split('\n');
  expect(lines[0]).toBe('problem p7 of iteration 2');
  expect(lines).toContain('  chosen, sample 1');
  expect(lines).toContain('  rejected, sample 5');
  expect(lines).toContain('  read as 29 (gsm8k.last_number); right is 28');
  expect(pairDocument(pair)).toMatchObject({ problem: 'p7', chosen: { sample: 1 }, rejected: { sample: 5, score: 0 } });
});
