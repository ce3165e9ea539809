/**
 * A sampling engine of one's own: Laplace's rule of succession (Essai philosophique sur les probabilités, 1814). A token is as probable as it
 * was frequent so far, in prompt and completion, where each token of the vocabulary counts as seen once before:
 *
 *     p(token | prefix) = (times in prefix + 1) / (length of prefix + size of vocabulary)
 *
 * It needs no weights, so it is a floor to measure models against, and draws at once where only the way of a run is to be tried:
 *
 *     hone up --engines examples/extensions/sampling-engine --sampling-engine laplace
 */
import { setImmediate } from 'node:timers/promises';

/** Engines of both kinds may lie in one folder. */
export const kind = 'sampling';

/** The rule, for a growing prefix. */
class Succession {
  constructor(vocabSize, tokenIds) {
    this.times = new Float64Array(vocabSize).fill(1);
    this.total = vocabSize;
    for (const token of tokenIds) this.add(token);
  }

  add(token) {
    this.times[token] += 1;
    this.total += 1;
  }

  logProb(token) {
    return Math.log(this.times[token] / this.total);
  }

  /** Of every token [vocab]. */
  logProbs() {
    return this.times.map((times) => Math.log(times / this.total));
  }
}

/** One completion. It depends on the prompt, the parameters and its uniform numbers alone. */
function complete({ vocabSize, maxPositionEmbeddings, eosTokenIds }, promptTokenIds, sampling, draw) {
  const { maxTokens, ignoreEos, stopTokenIds = [] } = sampling;
  const ends = new Set(ignoreEos ? stopTokenIds : [...stopTokenIds, ...eosTokenIds]);
  const limit = Math.min(maxTokens, maxPositionEmbeddings - promptTokenIds.length);
  const model = new Succession(vocabSize, promptTokenIds);
  const [tokenIds, logProbs] = [[], []];
  while (tokenIds.length < limit && !ends.has(tokenIds.at(-1))) {
    const token = draw(model.logProbs());
    tokenIds.push(token);
    logProbs.push(model.logProb(token));
    model.add(token);
  }
  const finishReason = ends.has(tokenIds.at(-1)) ? 'stop' : 'length';
  return { tokenIds: Int32Array.from(tokenIds), logProbs: Float32Array.from(logProbs), finishReason };
}

/** What is given stands in libs/sampling-engine/src/load-engines.ts, what is asked for in its port.ts. */
export default ({ errors, seedOfSample, UniformStream, drawToken }) => ({
  name: 'laplace',
  summary: "Laplace's rule of succession over the tokens so far: no model, a floor for measurements.",
  open: async () => ({
    capacity: 1,
    describe: () => ({
      ...{ name: 'laplace', version: '1', device: 'cpu', deviceName: '' },
      ...{ precision: 'float32', precisions: ['float32'], capabilities: ['log-probs'] },
    }),
    async *sample({ model, prompts, n, sampling, seed }, { signal }) {
      for (const { promptId, promptTokenIds } of prompts) {
        for (let sampleIndex = 0; sampleIndex < n; sampleIndex++) {
          // It computes in the sampler's own process, which others call meanwhile.
          await setImmediate();
          errors.throwIfAborted(signal);
          const uniforms = new UniformStream(seedOfSample(seed, promptId, sampleIndex));
          const draw = (logProbs) => drawToken(logProbs, sampling, uniforms.next());
          yield { promptId, sampleIndex, ...complete(model.config, promptTokenIds, sampling, draw) };
        }
      }
    },
    logProbs: async ({ model, sequences }) =>
      sequences.map(([first, ...rest]) => {
        const succession = new Succession(model.config.vocabSize, [first]);
        return Float32Array.from(rest, (token) => {
          const logProb = succession.logProb(token);
          succession.add(token);
          return logProb;
        });
      }),
    usage: async () => ({
      cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    }),
    close: async () => {},
  }),
});
