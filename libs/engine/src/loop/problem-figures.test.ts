import { messageOf, Verdict, VerdictState } from '@hone/contracts';
import { expect, it, vi } from 'vitest';
import { figuresOf, saidBy, sumOf, type Said } from './problem-figures.ts';

const right: Said = { right: true, answer: '5' };
const wrong = (answer: string): Said => ({ right: false, answer });
/** Holds numbers equal that are. */
const byNumber = vi.fn(async (sets: readonly (readonly string[])[]) =>
  sets.map((answers) => answers.map((answer) => answers.findIndex((first) => Number(first) === Number(answer)))),
);

it('a problem is mixed, all right or none right; one of which nothing was judged is none of these', async () => {
  const problems = [[right, wrong('4')], [right, right], [wrong('4'), wrong('')], []];
  expect(await figuresOf(problems, byNumber)).toMatchObject({
    ...{ problems: 3, problemsMixed: 1, problemsAllRight: 1, problemsNoneRight: 1, problemsAnswered: 3 },
  });
});

it('mixed problems are counted by their rate of right completions, a part with its upper end', async () => {
  const rated = (right: number, wrong: number): Said[] => [
    ...new Array<Said>(right).fill({ right: true, answer: '5' }),
    ...new Array<Said>(wrong).fill({ right: false, answer: '4' }),
  ];
  const problems = [rated(1, 9), rated(2, 8), rated(3, 7), rated(9, 1), rated(5, 0), rated(0, 5)];
  expect(await figuresOf(problems, byNumber)).toMatchObject({ problemsMixed: 4, mixedByRate: [2, 1, 0, 0, 1] });
});

it('answers that the scorer holds equal are one, and so are all right ones', async () => {
  const problems = [[right, { right: true, answer: '5.0' }, wrong('4'), wrong('4.0'), wrong('6')]];
  expect((await figuresOf(problems, byNumber)).distinctAnswers).toBe(3);
});

it('the scorer is asked only where several wrong answers are written, each once', async () => {
  byNumber.mockClear();
  await figuresOf(
    [
      [right, wrong('4')],
      [wrong('4'), wrong('4')],
    ],
    byNumber,
  );
  expect(byNumber).not.toHaveBeenCalled();
  await figuresOf([[wrong('4'), wrong('7'), wrong('4')]], byNumber);
  expect(byNumber).toHaveBeenCalledWith([['4', '7']]);
});

it('figures of shards add up to those of the whole', async () => {
  const problems = [[right, wrong('4')], [wrong('4'), wrong('6')], [right]];
  const [one, others] = [await figuresOf(problems.slice(0, 1), byNumber), await figuresOf(problems.slice(1), byNumber)];
  expect(sumOf(one, others)).toEqual(await figuresOf(problems, byNumber));
});

it('a verdict says its answer as it is written; a failure of the scorer says nothing, a missing answer is not right', () => {
  const verdict = (fields: Partial<Verdict>) => saidBy(messageOf(Verdict, fields));
  const scored = { state: VerdictState.SCORED, extractedAnswer: '5' };
  expect(verdict({ ...scored, score: 1, writtenAnswer: 'x = 5' })).toEqual({ right: true, answer: 'x = 5' });
  expect(verdict({ ...scored, score: 0.5 })).toEqual({ right: false, answer: '5' });
  expect(verdict({ state: VerdictState.TRUNCATED })).toEqual({ right: false, answer: '' });
  expect(verdict({ state: VerdictState.ERROR })).toBeUndefined();
});
