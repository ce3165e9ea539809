import { z } from 'zod';
import { runsOf } from '../measured.ts';
import { pairedTest } from '../paired-test.ts';
import { pairedDocument, testSentence } from '../report/test-text.ts';
import { defineFinding, notMeasured } from './finding.ts';
import { method } from './keys.ts';

/** Every iteration is significantly better than the one before; as all of them must be, none is corrected for the number of tests. */
export const improves = defineFinding({
  kind: 'improves',
  settings: z.strictObject({
    method,
    to: z.number().int().min(1).optional().describe('The last iteration that is looked at; absent means all.'),
  }),
  claim: ({ method, to }) =>
    `${method}: each iteration${to === undefined ? '' : ` up to ${to}`} improves on the one before`,
  methods: ({ method }) => ({ method }),
  check({ method, to = Infinity }, { runs, significance }) {
    const last = Math.max(0, ...runsOf(runs, method).flatMap(({ iterations }) => iterations.at(-1)?.iteration ?? 0));
    const steps = Array.from({ length: Math.min(last, to) }, (_, before) =>
      pairedTest(runs, { method, at: before + 1 }, { method, at: before }),
    );
    const tests = steps.filter((test) => test !== undefined);
    if (tests.length === 0 || tests.length < steps.length) return notMeasured(`two iterations in a row of ${method}`);
    return {
      holds: tests.every(({ difference, mcNemar }) => difference.mean > 0 && mcNemar.pValue < significance),
      evidence: tests.map(testSentence).join(' '),
      measured: tests.map(pairedDocument),
    };
  },
});
