import { afterEach, expect, it, vi } from 'vitest';
import { Output } from './output.ts';
import { makeProgress } from './progress.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('where nobody watches, a phase is one line, however many ticks it has', () => {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => ((text += String(part)), true));
  const progress = makeProgress(new Output(true));
  progress.phase('iteration 1, sample');
  for (let done = 0; done <= 100; done++) progress.update(done, 100, 'samples');
  progress.finish('1.0 s');
  progress.note('warning: little memory');
  progress.stop();
  expect(text).toBe('iteration 1, sample: 1.0 s\nwarning: little memory\n');
});

it('where nobody watches, long work gives a sign of life every ten seconds, and its parts are told', () => {
  vi.useFakeTimers();
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => ((text += String(part)), true));
  const progress = makeProgress(new Output(true));
  progress.phase('iteration 0, warm up');
  vi.advanceTimersByTime(9_999);
  expect(text).toBe('');
  vi.advanceTimersByTime(1);
  progress.part('stage 1 of 2, round 1 of 3');
  progress.update(40, 100, 'steps');
  progress.part('stage 1 of 2, round 1 of 3');
  vi.advanceTimersByTime(20_000);
  progress.part('stage 1 of 2, round 2 of 3');
  progress.finish('31.0 s');
  vi.advanceTimersByTime(60_000);
  expect(text.split('\n')).toEqual([
    'iteration 0, warm up: 10 s',
    'iteration 0, warm up, stage 1 of 2, round 1 of 3',
    'iteration 0, warm up, stage 1 of 2, round 1 of 3: 40 of 100 steps, 20 s',
    'iteration 0, warm up, stage 1 of 2, round 1 of 3: 40 of 100 steps, 30 s',
    'iteration 0, warm up, stage 1 of 2, round 2 of 3',
    'iteration 0, warm up: 31.0 s',
    '',
  ]);
});
