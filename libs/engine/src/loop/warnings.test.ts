import {
  FeedbackResult,
  messageOf,
  RuleReport,
  SampleResult,
  ScoreResult,
  TrainResponse,
  VerdictCounts,
  type FeedbackProgress,
} from '@hone/contracts';
import { preferenceTraining } from '@hone/recipes';
import { describe, expect, it } from 'vitest';
import { feedbackWarnings, pairWarnings, samplingWarnings, scoringWarnings, trainingWarnings } from './warnings.ts';

const sampled = (tokens: number, truncated = 0): SampleResult =>
  messageOf(SampleResult, { samples: 100, completionTokens: BigInt(100 * tokens), truncated });
const scored = (verdicts: Partial<VerdictCounts>): ScoreResult =>
  messageOf(ScoreResult, { verdicts: messageOf(VerdictCounts, verdicts) });
const trained = (fields: object): TrainResponse =>
  TrainResponse.fromPartial({ steps: 50, last: { margin: 1 }, ...fields });
const settings = preferenceTraining.parse({});

describe('of sampled completions', () => {
  it('many that are cut off want a higher limit', () => {
    expect(samplingWarnings(sampled(50, 21), undefined)).toEqual([
      expect.stringMatching(/^21\.0 % of the completions were cut off .* raise sampling\.max_tokens$/),
    ]);
    expect(samplingWarnings(sampled(50, 20), undefined)).toEqual([]);
  });

  it.each([
    [40, 61, 'grew from 40.0 to 61.0'],
    [61, 40, 'shrank from 61.0 to 40.0'],
  ])('a mean length that goes from %i to %i is told', (before, now, told) => {
    expect(samplingWarnings(sampled(now), sampled(before))).toEqual([expect.stringContaining(told)]);
  });

  it('a small change of length is none, and neither is one of nothing', () => {
    expect(samplingWarnings(sampled(55), sampled(40))).toEqual([]);
    expect(samplingWarnings(sampled(55), messageOf(SampleResult, {}))).toEqual([]);
    // Steps of before tokens were counted.
    expect(samplingWarnings(sampled(55), sampled(0))).toEqual([]);
  });
});

it('completions without a readable answer want another prompt or scorer, those that were not judged left out', () => {
  expect(scoringWarnings(scored({ correct: 50, wrong: 20, unscorable: 30 }))).toEqual([
    expect.stringMatching(/^30\.0 % of the completions state no answer .* check that the prompt asks/),
  ]);
  expect(scoringWarnings(scored({ correct: 80, unscorable: 20 }))).toEqual([]);
  expect(scoringWarnings(scored({ error: 3 }))).toEqual([expect.stringContaining('failed on 3 completions')]);
});

describe('of what people said', () => {
  const said = (fields: Partial<FeedbackProgress>): FeedbackResult =>
    FeedbackResult.fromPartial({ progress: { items: 100, agreement: { comparisons: 0 }, ...fields } });

  it('many comparisons that were skipped are told', () => {
    expect(feedbackWarnings(said({ dropped: 21 }))).toEqual([expect.stringMatching(/^people skipped 21\.0 % of/)]);
    expect(feedbackWarnings(said({ dropped: 20 }))).toEqual([]);
  });

  it('little agreement is told, where enough was judged by several people to say so', () => {
    const agreement = { comparisons: 20, share: 0.6, alpha: 0.2 };
    expect(feedbackWarnings(said({ agreement }))).toEqual([expect.stringMatching(/alpha 0\.20 over 20 comparisons/)]);
    expect(feedbackWarnings(said({ agreement: { ...agreement, comparisons: 19 } }))).toEqual([]);
    expect(feedbackWarnings(said({ agreement: { ...agreement, alpha: 0.7 } }))).toEqual([]);
    expect(feedbackWarnings(said({ agreement: { ...agreement, alpha: undefined } }))).toEqual([]);
  });
});

it('few problems that give pairs are told with what to change, by why the others give none', () => {
  const report = (fields: Partial<RuleReport>): RuleReport =>
    messageOf(RuleReport, {
      problems: 100,
      problemsUsed: 5,
      pairs: 9,
      completions: messageOf(VerdictCounts, {}),
      ...fields,
    });
  expect(pairWarnings(report({ problemsAllWrong: 95 }))).toEqual([
    expect.stringMatching(/^only 5\.0 % of the problems gave pairs: use easier problems/),
  ]);
  expect(pairWarnings(report({ problemsAllRight: 95 }))).toEqual([expect.stringContaining('use harder problems')]);
  expect(pairWarnings(report({ problemsUsed: 10 }))).toEqual([]);
  // Rules that make examples.
  expect(pairWarnings(report({ pairs: 0 }))).toEqual([]);
});

describe('of a training', () => {
  it('a margin that is not above 0 is told, where there were steps enough to say so', () => {
    expect(trainingWarnings(trained({ last: { margin: -0.01 } }), settings)).toEqual([
      expect.stringMatching(/margin ended at -0\.010\. Raise training\.learning_rate/),
    ]);
    expect(trainingWarnings(trained({ last: { margin: 0 }, steps: 9 }), settings)).toEqual([]);
  });

  it('a chosen that fell, and log-probs that are far off, are told behind what the trainer says itself', () => {
    const given = trained({ last: { margin: 1, chosenReward: -0.2 }, warnings: ['slow'], logProbGap: { mean: 0.2 } });
    expect(trainingWarnings(given, settings)).toEqual([
      'slow',
      expect.stringContaining('ended 2.00 below the reference'),
      expect.stringContaining('0.20 nats a token off'),
    ]);
    expect(trainingWarnings(trained({ logProbGap: { mean: 0.02 } }), settings)).toEqual([]);
  });
});
