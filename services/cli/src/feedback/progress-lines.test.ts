import { expect, test } from 'vitest';
import { progressText } from './progress-lines.ts';

test('progress names what was left out, and says nothing of agreement where there is none to tell of', () => {
  const counts = { items: 9, judged: 5, dropped: 1, withdrawn: 0, open: 3, wanted: 4, leased: 1, skips: 2 };
  const progress = { ...counts, judgements: 12, annotators: 2 };
  expect(progressText('runs/r', { ...progress, agreement: { comparisons: 5, share: 0.8, alpha: 0.613 } })).toBe(
    [
      'runs/r: 5 of 9 comparisons judged by 2 people, 3 open, 1 skipped',
      'judgements: 12; 4 more wanted, of which somebody is at 1',
      "agreement: 80.0 % over 5 comparisons, Krippendorff's alpha 0.61",
    ].join('\n'),
  );
  const none = { comparisons: 0, share: undefined, alpha: undefined };
  expect(progressText('runs/r', { ...progress, agreement: none })).toMatch(/nobody judged what another one judged$/);
});
