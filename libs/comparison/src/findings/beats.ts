import { z } from 'zod';
import { atText } from '../measured.ts';
import { pairedTest } from '../paired-test.ts';
import { pairedDocument, testSentence } from '../report/test-text.ts';
import { defineFinding, notMeasured } from './finding.ts';
import { at, method, otherAt } from './keys.ts';

export const beats = defineFinding({
  kind: 'beats',
  settings: z.strictObject({
    method,
    over: z.string().min(1).describe('The method that it is compared with.'),
    at,
    over_at: otherAt,
  }),
  claim: ({ method, over, at, over_at = at }) =>
    over_at === at
      ? `${method} beats ${over} ${atText(at)}`
      : `${method} ${atText(at)} beats ${over} ${atText(over_at)}`,
  methods: ({ method, over }) => ({ method, over }),
  check({ method, over, at, over_at = at }, { runs, significance }) {
    const test = pairedTest(runs, { method, at }, { method: over, at: over_at });
    if (!test) return notMeasured(`${method} and ${over} on the same problems, ${atText(at)}`);
    return {
      holds: test.difference.mean > 0 && test.mcNemar.pValue < significance,
      evidence: testSentence(test),
      measured: pairedDocument(test),
    };
  },
});
