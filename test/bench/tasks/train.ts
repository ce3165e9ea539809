/** Steps of the training loop on demonstrations, and on preference pairs. */
import { chooseLoss } from '@hone/losses';
import { initializeWeights, trainOnDemonstrations, trainOnPreferences, type StepMetrics } from '@hone/training';
import { report } from '../measure.ts';
import { groupsOf, type PairSettings } from '../pairs.ts';
import { configOf, tokensOf, type ShapeName } from '../shapes.ts';

export interface TrainTask {
  readonly shape: ShapeName;
  readonly threads: number;
  readonly batch: number;
  readonly length: number;
  readonly repeats: number;
}

export interface PreferenceTask extends PairSettings {
  readonly threads: number;
  /** Problems a step. */
  readonly batch: number;
}

export const OPTIMIZER = {
  learningRate: 1e-6,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 1,
  warmupSteps: 0,
  schedule: 'constant',
} as const;

/** The paper's. */
export const PAPER_LOSS = {
  ...chooseLoss('sigmoid', { beta: 0.1 }),
  nllAlpha: 1,
  nllReduction: 'SEQUENCE_MEAN',
} as const;

/** Steps that come before those that count: the first one traces the graph and opens the session. */
const WARM_UP_STEPS = 2;

/** Times of the steps behind the warm-up. */
class StepClock {
  private last = { at: performance.now(), cpu: process.cpuUsage() };
  private readonly steps: { seconds: number; cpu: number }[] = [];

  readonly onStep = (): void => {
    const { user, system } = process.cpuUsage(this.last.cpu);
    this.steps.push({ seconds: (performance.now() - this.last.at) / 1000, cpu: (user + system) / 1e6 });
    this.last = { at: performance.now(), cpu: process.cpuUsage() };
  };

  /** Prints all counted steps as one measurement. */
  report(items: number): void {
    const counted = this.steps.slice(WARM_UP_STEPS);
    const sum = (of: 'seconds' | 'cpu'): number => counted.reduce((total, step) => total + step[of], 0);
    report({ items, seconds: sum('seconds'), cpu_seconds: sum('cpu') });
  }
}

export async function train({ shape, threads, batch, length, repeats }: TrainTask): Promise<void> {
  const config = configOf(shape);
  const examples = Array.from({ length: batch }, (_, i) => ({
    promptTokenIds: tokensOf(1, config.vocabSize, i),
    completionTokenIds: tokensOf(length - 1, config.vocabSize, i),
  }));
  const clock = new StepClock();
  await trainOnDemonstrations({
    config,
    weights: initializeWeights(config, 1n),
    examples,
    loss: { nllReduction: 'TOKEN_MEAN' },
    optimizer: OPTIMIZER,
    batchSize: batch,
    epochs: 1,
    maxSteps: WARM_UP_STEPS + repeats,
    seed: 1n,
    threads,
    onStep: clock.onStep,
  });
  clock.report(batch * length * repeats);
}

/** The paper's loss on K pairs of N completions a problem. */
export async function preference(task: PreferenceTask): Promise<void> {
  const config = configOf(task.shape);
  const groups = groupsOf(task);
  const clock = new StepClock();
  let pairs = 0;
  const onStep = ({ step }: StepMetrics): void => {
    clock.onStep();
    if (step > WARM_UP_STEPS) pairs += task.batch * task.pairs;
  };
  await trainOnPreferences({
    config,
    weights: initializeWeights(config, 1n),
    groups,
    loss: PAPER_LOSS,
    optimizer: OPTIMIZER,
    batchUnit: 'problems',
    batchSize: task.batch,
    epochs: 1,
    maxSteps: 0,
    seed: 1n,
    threads: task.threads,
    onStep,
  });
  clock.report(pairs);
}
