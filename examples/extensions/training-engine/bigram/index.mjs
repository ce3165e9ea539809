/**
 * A training engine of one's own: it trains the head of a model on the embeddings alone, with all layers between left out. Such a model knows
 * of a text what follows each of its tokens, which is a softmax regression (Bishop, Pattern Recognition and Machine Learning, 4.3.4):
 *
 *     log p(token | previous) = log softmax(head . embedding[previous])[token]
 *
 * Its loss is the NLL of the chosen completions, or of examples, in all of them at once: a step of AdamW each (arXiv 1711.05101). It needs no
 * processes and no library, so it shows what an engine is, and is a floor to measure trainings against:
 *
 *     hone up --engines examples/extensions/training-engine --training-engine bigram
 */
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';

/** Engines of both kinds may lie in one folder. */
export const kind = 'training';

const WEIGHTS = 'model.safetensors';
const HEAD = 'lm_head.weight';
const EMBEDDING = 'model.embed_tokens.weight';

/** A file of tensors, of which those of float32 can be changed in place: the length of a JSON header in 8 bytes, the header, the tensors. */
async function readTensors(file) {
  const bytes = await readFile(file);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, start));
  // A copy of the tensors begins at a place where numbers may lie.
  const data = new Uint8Array(bytes.subarray(start));
  const tensor = (name) => {
    const { dtype, data_offsets: [from, to] = [] } = header[name] ?? {};
    return dtype === 'F32' ? new Float32Array(data.buffer, from, (to - from) / 4) : undefined;
  };
  return {
    tensor,
    count: data.length / 4,
    write: (other) => writeFile(other, Buffer.concat([bytes.subarray(0, start), data])),
  };
}

/** What is trained: each row of the head [vocab, hidden] against an embedding. */
class Regression {
  constructor(head, embedding, hidden) {
    Object.assign(this, { head, embedding, hidden });
    this.gradient = new Float64Array(head.length);
  }

  /** Adds to the gradient, and gives the NLL in nats, of a token behind another. */
  add(previous, token, weight) {
    const { head, embedding, gradient, hidden } = this;
    const input = embedding.subarray(previous * hidden, (previous + 1) * hidden);
    const logits = Float64Array.from({ length: head.length / hidden }, (_, row) =>
      input.reduce((sum, value, at) => sum + value * head[row * hidden + at], 0),
    );
    const largest = logits.reduce((one, other) => Math.max(one, other));
    const logTotal = largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
    for (const [row, logit] of logits.entries()) {
      const error = weight * (Math.exp(logit - logTotal) - (row === token ? 1 : 0));
      for (let at = 0; at < hidden; at++) gradient[row * hidden + at] += error * input[at];
    }
    return weight * (logTotal - logits[token]);
  }
}

/** AdamW with the spec's settings, a 0 being the contract's default; gives the norm of the gradient, which it clears. */
class Optimizer {
  constructor({ learningRate, beta1, beta2, epsilon, weightDecay }, size) {
    Object.assign(this, { rate: learningRate, beta1: beta1 || 0.9, beta2: beta2 || 0.999, epsilon: epsilon || 1e-8 });
    Object.assign(this, { keep: 1 - learningRate * weightDecay, steps: 0 });
    this.first = new Float64Array(size);
    this.second = new Float64Array(size);
  }

  step(weights, gradient) {
    const { first, second, beta1, beta2 } = this;
    this.steps += 1;
    const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
    for (const [at, value] of gradient.entries()) {
      first[at] = beta1 * first[at] + (1 - beta1) * value;
      second[at] = beta2 * second[at] + (1 - beta2) * value * value;
      const root = Math.sqrt(second[at] / (1 - beta2 ** this.steps)) + this.epsilon;
      weights[at] = weights[at] * this.keep - (this.rate * first[at]) / (1 - beta1 ** this.steps) / root;
    }
    gradient.fill(0);
    return norm;
  }
}

/** What this engine does not have is refused, never left out. */
function check(errors, { loss, optimizer, batchSize, stopWhenChosenFalls }, rows) {
  const rules = [
    ['loss.preference', !loss.preference || loss.preference === 'none', 'must be none: only the NLL is trained on'],
    ['loss.nll_alpha', !loss.preference || loss.nllAlpha === 1, 'must be 1'],
    ['loss.nll_reduction', !/TOKEN_MEAN|SEQUENCE_SUM/.test(loss.nllReduction), 'must be SEQUENCE_MEAN'],
    ['optimizer.schedule', !/LINEAR|COSINE/.test(optimizer.schedule), 'must be CONSTANT'],
    ['optimizer.warmup_steps', optimizer.warmupSteps === 0, 'must be 0'],
    ['optimizer.max_grad_norm', optimizer.maxGradNorm === 0, 'must be 0'],
    ['stop_when_chosen_falls', !stopWhenChosenFalls, 'must be false'],
    ['batch_size', batchSize >= rows, `must be ${rows} at least, for every step takes all texts`],
  ];
  for (const [field, holds, rule] of rules)
    if (!holds) throw errors.invalidArgument(`spec.${field}`, `${rule} (the engine bigram)`);
}

/** Each text as the tokens in front of its completion and those of the completion. */
async function textsOf({ errors, Example, PreferenceGroup, unpackInt32 }, store, dataset) {
  const idsOf = (bytes, field) => {
    if (bytes.length > 0) return [...unpackInt32(bytes, field)];
    throw errors.unimplemented('the engine bigram has no tokenizer: datasets must hold token ids');
  };
  const texts = [];
  for await (const row of store.readJsonLines(dataset)) {
    const record = ('pairs' in row ? PreferenceGroup : Example).fromJSON(row);
    // What is labelled as not desirable has no NLL.
    const own = record.desirable === false ? [] : [record.completionTokenIds];
    const chosen = record.pairs?.map((pair) => record.completions[pair.chosen].tokenIds) ?? own;
    const prompt = idsOf(record.promptTokenIds, 'prompt_token_ids');
    texts.push(...chosen.map((bytes) => ({ prompt, completion: idsOf(bytes, 'token_ids') })));
  }
  return texts;
}

/** The tensors of a model that this engine can train. */
async function readModel(errors, folder) {
  const config = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'));
  const tensors = await readTensors(path.join(folder, WEIGHTS));
  const [head, embedding] = [tensors.tensor(HEAD), tensors.tensor(EMBEDDING)];
  if (config.tie_word_embeddings || !head || !embedding)
    throw errors.unimplemented(`the engine bigram trains models with ${HEAD} and ${EMBEDDING} in float32, not tied`);
  return { tensors, head, regression: new Regression(head, embedding, config.hidden_size) };
}

/** The mean NLL, whose gradient is left behind: each text counts the same, and each token of a text the same in it. */
function nllOf(regression, texts) {
  let nll = 0;
  for (const { prompt, completion } of texts)
    for (const [at, token] of completion.entries())
      nll += regression.add(completion[at - 1] ?? prompt.at(-1), token, 1 / texts.length / completion.length);
  return nll;
}

/** Takes all steps. */
async function takeSteps({ errors, StepMetrics }, { head, regression }, { texts, spec, signal, onEvent }) {
  const optimizer = new Optimizer(spec.optimizer, head.length);
  const tokens = BigInt(texts.reduce((sum, { completion }) => sum + completion.length, 0));
  const totalSteps = spec.maxSteps || spec.epochs;
  for (let step = 1; step <= totalSteps; step++) {
    // It computes in the trainer's own process, which others call meanwhile.
    await setImmediate();
    errors.throwIfAborted(signal);
    const loss = nllOf(regression, texts);
    const gradientNorm = optimizer.step(head, regression.gradient);
    const facts = { step, loss, nllLoss: loss, gradientNorm, tokens, learningRate: spec.optimizer.learningRate };
    onEvent({ metrics: StepMetrics.fromPartial(facts), totalSteps });
  }
}

/** A job, from the checkpoint in the store to the one that came of it. */
async function train(kit, { storeDir, checkpoint, dataset, spec }, { signal, onEvent }) {
  const store = await kit.ArtifactStore.open(storeDir);
  const start = await store.openFolder(checkpoint, { verify: true });
  const model = await readModel(kit.errors, start);
  const all = await textsOf(kit, store, dataset);
  const texts = all.filter((text) => text.prompt.length + text.completion.length <= (spec.maxLength || Infinity));
  check(kit.errors, spec, texts.length);
  await takeSteps(kit, model, { texts, spec, signal, onEvent });
  const { digest, bytes } = await store.createFolder(async (folder) => {
    for (const file of await readdir(start)) await copyFile(path.join(start, file), path.join(folder, file));
    await model.tensors.write(path.join(folder, WEIGHTS));
  });
  const counts = { parameterCount: model.tensors.count, droppedTooLong: all.length - texts.length, resumedFromStep: 0 };
  const made = { name: kit.nameOfDigest('checkpoints', digest), bytes, ...counts };
  return {
    checkpoint: { ...made, adapter: undefined, logProbGap: undefined },
    usage: { cpuSeconds: 0, peakMemoryBytes: 0 },
  };
}

/** What is given stands in libs/training-engine/src/load-engines.ts, what is asked for in its port.ts. */
export default (kit) => ({
  name: 'bigram',
  summary:
    'The head alone, on embeddings: a softmax regression of each token on the one before, a floor for trainings.',
  open: async () => ({
    capacity: 1,
    describe: () => ({
      ...{ name: 'bigram', version: '1', device: 'cpu', deviceName: '' },
      ...{ precision: 'float32', precisions: ['float32'], capabilities: [] },
    }),
    train: (job, options) => train(kit, job, options),
    close: async () => {},
  }),
});
