import type { RunSpec } from '@hone/contracts';

/** The spec as it holds in an iteration: every scheduled change up to it is made. */
export function specAt(spec: RunSpec, iteration: number): RunSpec {
  return spec.schedule
    .filter(({ fromIteration }) => fromIteration <= iteration)
    .reduce<RunSpec>((before, change) => {
      const { temperature, samplesPerProblem, pairsPerProblem, learningRate, loss } = change;
      const sampling = temperature === undefined ? before.sampling : { ...before.sampling!, temperature };
      const pairs = pairsPerProblem === undefined ? before.pairs : { ...before.pairs!, pairsPerProblem };
      const optimizer =
        learningRate === undefined ? before.training!.optimizer : { ...before.training!.optimizer!, learningRate };
      const training = { ...before.training!, optimizer, loss: loss ?? before.training!.loss };
      return { ...before, sampling, pairs, training, samplesPerProblem: samplesPerProblem ?? before.samplesPerProblem };
    }, spec);
}
