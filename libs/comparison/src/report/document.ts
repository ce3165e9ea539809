/** A comparison as one document for programs. */
import type { Proportion } from '@hone/statistics';
import type { MeasuredIteration, MeasuredRun, Moved } from '../measured.ts';
import type { ComparisonResult, MethodResult } from '../result.ts';
import type { Spread } from '../spread.ts';
import { logProbsOf } from './log-probs.ts';
import { pairedDocument } from './test-text.ts';

const HOW = {
  intervals: 'Wilson, 95 %, of each seed; mean and standard deviation (n - 1) over seeds',
  paired_tests:
    "McNemar's exact test (two-sided) on greedy answers: problems are matched by id within each seed, and those of all seeds are pooled; " +
    'differences are first - second, with the percentile bootstrap over pooled problems',
  log_probs:
    "sums over a completion's tokens, in nats, mean over the seed's fixed pairs, which are made of what M_0 samples; before is M_0, after the checkpoint",
  tokens: "sampled and trained on from the run's beginning to the end of the iteration; evaluation left out",
};

const share = ({ accuracy, correct, total, lower, upper }: Proportion) => ({
  ...{ accuracy, correct, total },
  interval: [lower, upper],
});

const spread = ({ mean, sd, count }: Spread) => ({ mean, sd, seeds: count });
const moved = ({ first, last }: Moved) => ({ first_tenth: first, last_tenth: last });

function iterationDocument(run: MeasuredRun, measured: MeasuredIteration) {
  const { iteration, checkpoint, greedy, majority, tokens, training } = measured;
  const logProbs = logProbsOf(run, measured);
  return {
    ...{ iteration, checkpoint },
    ...(greedy && { greedy: share(greedy) }),
    ...(majority && { majority: { k: majority.k, ...share(majority) } }),
    tokens_sampled: tokens.sampled,
    tokens_trained: tokens.trained,
    ...(logProbs && { log_probs: logProbs }),
    ...(training && { training_log_probs: { chosen: moved(training.chosen), rejected: moved(training.rejected) } }),
  };
}

const runDocument = (run: MeasuredRun) => ({
  seed: run.seed,
  run: run.run,
  end: run.end,
  ...(run.error !== '' && { error: run.error }),
  iterations: run.iterations.map((measured) => iterationDocument(run, measured)),
});

const methodDocument = ({ method, runs, iterations }: MethodResult) => ({
  method,
  iterations: iterations.map(({ iteration, greedy, majority, sampled, trained }) => ({
    iteration,
    ...(greedy && { greedy: spread(greedy) }),
    ...(majority && { majority: spread(majority) }),
    tokens_sampled: sampled,
    tokens_trained: trained,
  })),
  seeds: runs.map(runDocument),
});

export const comparisonDocument = ({ comparison, methods, tests, findings }: ComparisonResult) => ({
  name: comparison.name,
  seeds: comparison.seeds,
  significance: comparison.significance,
  methods: methods.map(methodDocument),
  paired_tests: tests.map(pairedDocument),
  findings: findings.map(({ kind, claim, holds, evidence, measured }) => ({ kind, claim, holds, evidence, measured })),
  how: HOW,
});
