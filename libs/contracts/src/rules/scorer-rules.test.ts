import { expect, test } from 'vitest';
import { checkScorerRef, CombinationRule, messageOf, ScorerRef, Violations, type PartialMessage } from '../index.ts';

function broken(fields: PartialMessage<ScorerRef> | undefined): string[] {
  const violations = new Violations();
  checkScorerRef(fields && messageOf(ScorerRef, fields), 'scorer', violations);
  try {
    violations.throwIfAny();
    return [];
  } catch (thrown) {
    return (thrown as { violations: { field: string }[] }).violations.map(({ field }) => field);
  }
}

const TWO = [{ name: 'a' }, { name: 'b' }];
const { ALL, WEIGHTED_MEAN } = CombinationRule;

test.each<[string[], PartialMessage<ScorerRef> | undefined]>([
  [['scorer.name'], undefined],
  [['scorer.name'], {}],
  [[], { name: 'gsm8k' }],
  [[], { name: 'mine', address: 'host:50052', timeoutMs: 5, weight: 2, tls: {} }],
  [['scorer.address'], { name: 'mine', address: 'host' }],
  [['scorer.timeout_ms'], { name: 'mine', timeoutMs: -1 }],
  [['scorer.weight'], { name: 'mine', weight: -1 }],
  [['scorer.weight'], { name: 'mine', weight: NaN }],
  [['scorer.tls'], { name: 'mine', tls: {} }],
  [['scorer.tls'], { name: 'mine', address: 'host:1', tls: { clientKeyFile: 'key.pem' } }],
  [[], { combination: { rule: ALL, scorers: TWO } }],
  [[], { combination: { rule: WEIGHTED_MEAN, scorers: TWO, threshold: 0.5 } }],
  [['scorer'], { name: 'a', combination: { rule: ALL, scorers: TWO } }],
  [['scorer.combination.rule'], { combination: { scorers: TWO } }],
  [['scorer.combination.scorers'], { combination: { rule: ALL, scorers: [{ name: 'a' }] } }],
  [['scorer.combination.scorers[1].name'], { combination: { rule: ALL, scorers: [{ name: 'a' }, {}] } }],
  [['scorer.combination.threshold'], { combination: { rule: ALL, scorers: TWO, threshold: 0.5 } }],
  [['scorer.combination.threshold'], { combination: { rule: WEIGHTED_MEAN, scorers: TWO } }],
  [
    ['scorer.combination.scorers[0].combination'],
    { combination: { rule: ALL, scorers: [{ combination: { rule: ALL, scorers: TWO } }, { name: 'b' }] } },
  ],
])('breaks %j: %j', (fields, ref) => {
  expect(broken(ref)).toEqual(fields);
});
