/** The demo: from nothing to a model that reasons better, on the embedded arithmetic task, through the public contracts only. */
import { arithmeticProblems } from '@hone/benchmarks';
import { CreateRunRequest, messageOf, type Run } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Clients } from '../platform/platform.ts';
import { problemMessage, uploadProblems } from '../files/uploads.ts';
import { findBeforeAndAfter, type BeforeAndAfter } from './before-and-after.ts';
import { shippedBase, untrainedBase } from './base.ts';
import { COUNTS, demoSettings } from './recipe.ts';

export const demoIntroduction = (
  fromScratch: boolean,
): string => `Hone demo: a small model learns to reason better from its own samples.

  A Llama of 150 thousand weights ${fromScratch ? 'is' : 'was'} trained from nothing on worked arithmetic word problems, then on careless \
ones in which carries and borrows are forgotten: that is M_0${fromScratch ? '' : ', which comes with Hone (--from-scratch makes it anew)'}. Each \
iteration samples 8 chains of thought a problem from the model, scores the final answers, pairs right chains with wrong ones and trains \
on them with DPO + NLL (arXiv 2404.19733).
`;

export const DEMO_CONCLUSION = `What this shows: the loop undoes a bad habit that was taught on purpose, from final answers alone, on \
problems that the model has never trained on. What it does not show: at a setting as gentle as this, IRPO, plain DPO and training on \
right samples alone gain about the same; and the better arithmetic was in the model before it was spoiled.`;

export interface DemoOptions {
  readonly seed: bigint;
  readonly iterations: number;
  /** Make M_0 from nothing, not from the model that comes with Hone. */
  readonly fromScratch: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What the model answered to one test problem before the loop, and what after it. */
export async function demoChain(
  clients: Clients,
  run: Run,
  { seed }: Pick<DemoOptions, 'seed'>,
): Promise<BeforeAndAfter | undefined> {
  const problems = [...arithmeticProblems({ split: 'test', count: COUNTS.test, seed })].map(problemMessage);
  return findBeforeAndAfter(clients, run, problems);
}

/** Uploads data, brings the model and creates the run. */
export async function createDemoRun(clients: Clients, options: DemoOptions): Promise<Run> {
  const { seed, iterations, fromScratch, signal } = options;
  const problems = (split: 'train' | 'validation' | 'test') =>
    uploadProblems(clients, arithmeticProblems({ split, count: COUNTS[split], seed }), signal);
  const { checkpoint, warmUp } = await (fromScratch ? untrainedBase(clients, options) : shippedBase(clients, signal));
  const [train, validation, test] = await Promise.all([problems('train'), problems('validation'), problems('test')]);
  const spec = {
    displayName: 'demo',
    benchmark: 'arithmetic',
    baseCheckpoint: checkpoint,
    trainProblemSet: train.name,
    validationProblemSet: validation.name,
    testProblemSet: test.name,
    seed,
    settings: demoSettings({ iterations, warmUp }),
  };
  return callUnary(clients.orchestrator, 'createRun', messageOf(CreateRunRequest, { spec }), { signal });
}
