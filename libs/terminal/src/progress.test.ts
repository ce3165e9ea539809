import { stripVTControlCharacters } from 'node:util';
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

/** What a terminal was told by a bar, without its control characters. */
function onTerminal(work: (progress: ReturnType<typeof makeProgress>) => void): string {
  let text = '';
  vi.useFakeTimers();
  vi.stubEnv('TERM', 'xterm').stubEnv('COLUMNS', '100');
  const isTTY = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
  Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true });
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => ((text += String(part)), true));
  try {
    const progress = makeProgress(new Output(false));
    work(progress);
    progress.stop();
  } finally {
    if (isTTY) Object.defineProperty(process.stderr, 'isTTY', isTTY);
    else Reflect.deleteProperty(process.stderr, 'isTTY');
    vi.unstubAllEnvs();
  }
  return stripVTControlCharacters(text);
}

it('a bar of what goes on counts its rate from what it found', () => {
  const text = onTerminal((progress) => {
    progress.phase('iteration 0, warm up');
    vi.advanceTimersByTime(1_000);
    progress.update(1_500, 1_700, 'steps');
    vi.advanceTimersByTime(10_000);
    progress.update(1_550, 1_700, 'steps');
  });
  expect(text).toContain('1550/1700 steps  5.0/s  30 s left');
  expect(text.match(/\d+\.\d\/s/g)?.filter((rate) => rate !== '5.0/s')).toEqual([]);
});

it('a bar in which nothing is done yet shows that time goes on', () => {
  const text = onTerminal((progress) => {
    progress.phase('iteration 0, evaluate');
    progress.update(0, 6, 'completions');
    vi.advanceTimersByTime(12_000);
  });
  expect(text).toContain('0/6 completions  12 s');
  expect(text).not.toContain('/s');
});
