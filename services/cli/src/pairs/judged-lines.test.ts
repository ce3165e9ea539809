import { FinishReason, unpackFloat32, unpackInt32, VerdictState } from '@hone/contracts';
import { expect, test } from 'vitest';
import { judgedProblemOf } from './judged-lines.ts';

const read = (row: Record<string, unknown>) => judgedProblemOf({ where: 'in.jsonl:3', row });
const readOne = (completion: object) => read({ completions: [completion] }).completions[0]!;

test('a line is a problem with its completions, and nothing but their texts need be said', () => {
  const { problemId, completions, problem } = read({
    gold: 4,
    solution: 's',
    completions: [{ text: 'a' }, { text: 'b' }],
  });
  expect({ problemId, gold: problem!.gold, solution: problem!.solution }).toEqual({
    problemId: '3',
    gold: '4',
    solution: 's',
  });
  expect(completions.map(({ completion }) => completion!.sampleIndex)).toEqual([0, 1]);
  expect(completions[0]!.verdict).toBeUndefined();
  expect(read({ id: 'p' })).toMatchObject({ problemId: 'p', completions: [] });
});

test('a verdict is a score, or a state', () => {
  const verdictOf = (fields: object) => readOne({ text: 'a', ...fields }).verdict;
  expect(verdictOf({ score: 0.25, answer: 7 })).toMatchObject({
    state: VerdictState.SCORED,
    score: 0.25,
    extractedAnswer: '7',
  });
  expect(verdictOf({ score: true })).toMatchObject({ score: 1 });
  expect(verdictOf({ state: 'unscorable' })).toMatchObject({ state: VerdictState.UNSCORABLE, score: 0 });
});

test('tokens are a list, a number of them, or the words; equal texts have equal ones', () => {
  const tokensOf = (fields: object) => [...unpackInt32(readOne(fields).completion!.tokenIds, 'it')];
  expect(tokensOf({ text: 'a b', tokens: [5, 6, 7] })).toEqual([5, 6, 7]);
  expect(tokensOf({ text: 'a b', tokens: 4 })).toHaveLength(4);
  expect(tokensOf({ text: 'one two two' })).toHaveLength(3);
  expect(tokensOf({ text: 'one two' })).toEqual(tokensOf({ text: 'one two' }));
  expect(tokensOf({ text: 'one two' })).not.toEqual(tokensOf({ text: 'one  two' }));
  expect(tokensOf({ text: '' })).toHaveLength(1);
});

test('the log-prob is that of the whole completion, and what was cut off ended by its length', () => {
  const { completion } = readOne({ text: 'one two', log_prob: -2.5, truncated: true });
  expect([...unpackFloat32(completion!.logProbs, 'it')].reduce((sum, one) => sum + one)).toBe(-2.5);
  expect(completion!.finishReason).toBe(FinishReason.LENGTH);
  expect(readOne({ text: 'a', state: 'TRUNCATED' }).completion!.finishReason).toBe(FinishReason.LENGTH);
});

test.each([
  [{ score: 1 }, /in.jsonl:3 completions\[0\] text: must be set/],
  [{ text: 'a', score: 2 }, /completions\[0\] score: must be from 0 to 1, but is 2/],
  [{ text: 'a', score: 'good' }, /score: must be a number/],
  [{ text: 'a', state: 'fine' }, /state: must be SCORED, UNSCORABLE, TRUNCATED or ERROR, but is "fine"/],
  [{ text: 'a', state: 'scored' }, /score: must be set where the state is SCORED/],
  [{ text: 'a', tokens: [] }, /tokens: must be a list of token ids/],
  [{ text: 'a', tokens: 0 }, /tokens: must be a list of token ids, or how many/],
  [{ text: 'a', truncated: 1 }, /truncated: must be true or false/],
  ['a', /completions\[0\]: must be an object/],
])('a line that breaks a rule is named with its place: %j', (completion, message) => {
  expect(() => readOne(completion as object)).toThrow(message);
});
