import { afterEach, expect, it, vi } from 'vitest';
import { Output } from './output.ts';
import { makeProgress } from './progress.ts';

afterEach(() => void vi.restoreAllMocks());

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
