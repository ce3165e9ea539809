import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactStore } from '@hone/artifacts';
import {
  FinishReason,
  nameOfDigest,
  packInt32,
  Prompt,
  SampleRequest,
  SamplingParams,
  WeightPrecision,
  SamplerServiceClient,
  unpackFloat32,
  unpackInt32,
  type Completion,
  type SampleResponse,
} from '@hone/contracts';
import { callServerStream, callUnary, connect, startServer, type RunningServer, type ServiceParts } from '@hone/rpc';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSamplerService } from './server.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** The built ones: a process needs JavaScript. */
const entries = new URL('../../../dist/sampler/', import.meta.url);
const goldenModel = path.join(root, 'test/golden/models/untied');

let storeDir: string;
let parts: ServiceParts;
let server: RunningServer;
let client: SamplerServiceClient;
let checkpoint: string;

beforeAll(async () => {
  storeDir = await mkdtemp(path.join(tmpdir(), 'hone-sampler-'));
  const store = await ArtifactStore.open(storeDir);
  checkpoint = nameOfDigest('checkpoints', (await store.putFolder(goldenModel)).digest);
  const options = { storeDir, threads: 2, memoryBytes: 2 ** 32, logger: pino({ level: 'silent' }) };
  parts = await createSamplerService(options, entries);
  server = await startServer({ address: '127.0.0.1:0', services: parts.services });
  client = connect(SamplerServiceClient, server.address);
});
afterAll(async () => {
  client.close();
  await server.close(1000);
  await parts.close();
  await rm(storeDir, { recursive: true });
});

const textPrompt = (id: string, text: string): Prompt =>
  Prompt.fromPartial({ id, content: { $case: 'text', value: text }, templateDigest: 'ab' });

const sampleRequest = (fields: Partial<SampleRequest> = {}): SampleRequest =>
  SampleRequest.fromPartial({
    checkpoint,
    prompts: [textPrompt('a', 'abc'), textPrompt('b', 'some words')],
    n: 3,
    sampling: { temperature: 0.8, topK: 0, topP: 0, maxTokens: 12, ignoreEos: false },
    seed: 7n,
    ...fields,
  });

async function sampleAll(request: SampleRequest, signal?: AbortSignal): Promise<SampleResponse[]> {
  const responses: SampleResponse[] = [];
  for await (const response of callServerStream(client, 'sample', request, signal ? { signal } : {})) {
    responses.push(response);
  }
  return responses;
}

const completionsOf = (responses: SampleResponse[]): Completion[] =>
  responses
    .flatMap(({ event }) => (event?.$case === 'completion' ? [event.value] : []))
    .toSorted((a, b) => a.promptId.localeCompare(b.promptId) || a.sampleIndex - b.sampleIndex);

test('prompts come first, then every completion, then the summary', async () => {
  const responses = await sampleAll(sampleRequest());
  const cases = responses.map(({ event }) => event?.$case);
  expect(cases).toEqual(['prompt', 'prompt', ...new Array<string>(6).fill('completion'), 'summary']);
  const completions = completionsOf(responses);
  expect(completions.map(({ promptId, sampleIndex }) => `${promptId}${sampleIndex}`)).toEqual([
    'a0',
    'a1',
    'a2',
    'b0',
    'b1',
    'b2',
  ]);
  for (const completion of completions) {
    expect(completion).toMatchObject({ checkpoint, templateDigest: 'ab' });
    expect(completion.logProbs.length).toBe(completion.tokenIds.length);
    expect([FinishReason.STOP, FinishReason.LENGTH]).toContain(completion.finishReason);
  }
  const summary = responses.at(-1)!.event;
  if (summary?.$case !== 'summary') throw new Error('the last event is not the summary');
  const tokens = completions.reduce((sum, { tokenIds }) => sum + tokenIds.length / 4, 0);
  expect(summary.value).toMatchObject({ completions: 6, usage: { tokens: BigInt(tokens) } });
  expect(summary.value.usage!.peakMemoryBytes).toBeGreaterThan(10_000_000n);
});

test('the same request gives the same completions, and one prompt alone gives its own', async () => {
  const all = completionsOf(await sampleAll(sampleRequest()));
  expect(completionsOf(await sampleAll(sampleRequest()))).toEqual(all);
  const alone = completionsOf(await sampleAll(sampleRequest({ prompts: [textPrompt('b', 'some words')] })));
  expect(alone).toEqual(all.filter(({ promptId }) => promptId === 'b'));
});

test('greedy decoding needs no seed, and token ids are used as they are', async () => {
  const prompts = [
    Prompt.fromPartial({ id: 'ids', content: { $case: 'tokenIds', value: packInt32([56, 62, 59, 24]) } }),
  ];
  const sampling = SamplingParams.fromPartial({ temperature: 0, topK: 0, topP: 0, maxTokens: 4, ignoreEos: true });
  const [completion] = completionsOf(await sampleAll(sampleRequest({ prompts, n: 1, sampling, seed: 0n })));
  expect([...unpackInt32(completion!.tokenIds, 'token_ids')]).toEqual([57, 43, 38, 51]);
});

describe('of a model', () => {
  /** A checkpoint of the golden model, changed. */
  async function checkpointOf(change: (folder: string) => Promise<void>): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'hone-sampler-model-'));
    try {
      await cp(goldenModel, folder, { recursive: true });
      await change(folder);
      return nameOfDigest('checkpoints', (await (await ArtifactStore.open(storeDir)).putFolder(folder)).digest);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  const ids = [Prompt.fromPartial({ id: 'ids', content: { $case: 'tokenIds', value: packInt32([56, 62, 59, 24]) } })];
  const greedily = (fields: object) => SamplingParams.fromPartial({ temperature: 0, maxTokens: 8, ...fields });

  test('without a tokenizer, token ids come and go', async () => {
    const model = await checkpointOf(async (folder) => {
      for (const name of await readdir(folder)) {
        if (/token|chat_template/.test(name)) await rm(path.join(folder, name));
      }
    });
    const request = sampleRequest({ checkpoint: model, prompts: ids, n: 1, sampling: greedily({ ignoreEos: true }) });
    const [completion] = completionsOf(await sampleAll(request));
    expect([...unpackInt32(completion!.tokenIds, 'token_ids')].slice(0, 4)).toEqual([57, 43, 38, 51]);
    expect(completion!.text).toBe('');
    const noTokenizer = { code: 'FAILED_PRECONDITION', reason: 'NO_TOKENIZER' };
    await expect(sampleAll(sampleRequest({ checkpoint: model }))).rejects.toMatchObject({
      ...noTokenizer,
      message: expect.stringContaining('prompts[0].text: the checkpoint has no tokenizer.json') as string,
    });
    const stopping = sampleRequest({ checkpoint: model, prompts: ids, sampling: greedily({ stop: ['a'] }) });
    await expect(sampleAll(stopping)).rejects.toMatchObject(noTokenizer);
  });

  test("whose configs name no end, the tokenizer's ends completions", async () => {
    const model = await checkpointOf(async (folder) => {
      await rm(path.join(folder, 'generation_config.json'));
      const file = path.join(folder, 'config.json');
      const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
      delete config['eos_token_id'];
      await writeFile(file, JSON.stringify(config));
      // Token 38 is the third that the model writes.
      const tokenizer = JSON.parse(await readFile(path.join(folder, 'tokenizer.json'), 'utf8')) as {
        model: { vocab: Record<string, number> };
      };
      const [end] = Object.entries(tokenizer.model.vocab).find(([, id]) => id === 38)!;
      const settings = path.join(folder, 'tokenizer_config.json');
      const before = JSON.parse(await readFile(settings, 'utf8')) as object;
      await writeFile(settings, JSON.stringify({ ...before, eos_token: end }));
    });
    const [completion] = completionsOf(
      await sampleAll(sampleRequest({ checkpoint: model, prompts: ids, n: 1, sampling: greedily({}) })),
    );
    expect([...unpackInt32(completion!.tokenIds, 'token_ids')]).toEqual([57, 43, 38]);
    expect(completion!.finishReason).toBe(FinishReason.STOP);
  });
});

test('a stop text ends the completion and is cut from its text, not from its tokens', async () => {
  const prompts = [textPrompt('a', 'abc')];
  const long = SamplingParams.fromPartial({ temperature: 0, maxTokens: 12, ignoreEos: true });
  const [whole] = completionsOf(await sampleAll(sampleRequest({ prompts, n: 1, sampling: long })));
  const stop = whole!.text.slice(3, 5);
  const sampling = { ...long, stop: [stop] };
  const [stopped] = completionsOf(await sampleAll(sampleRequest({ prompts, n: 1, sampling })));
  expect(stopped!.text).toBe(whole!.text.slice(0, whole!.text.indexOf(stop)));
  expect(stopped!.tokenIds.length).toBeLessThan(whole!.tokenIds.length);
  expect(stopped!.finishReason).toBe(FinishReason.STOP);
});

test('a stop token ends the completion and is its last token, also where end-of-sequence tokens are ignored', async () => {
  const prompts = [
    Prompt.fromPartial({ id: 'ids', content: { $case: 'tokenIds', value: packInt32([56, 62, 59, 24]) } }),
  ];
  const sampling = SamplingParams.fromPartial({ temperature: 0, maxTokens: 4, ignoreEos: true, stopTokenIds: [43] });
  const [completion] = completionsOf(await sampleAll(sampleRequest({ prompts, n: 1, sampling })));
  expect([...unpackInt32(completion!.tokenIds, 'token_ids')]).toEqual([57, 43]);
  expect(completion!.finishReason).toBe(FinishReason.STOP);
});

test('8-bit weights are stated in what they drew', async () => {
  const sampling = SamplingParams.fromPartial({ temperature: 0, maxTokens: 4, weightPrecision: WeightPrecision.INT8 });
  const [completion] = completionsOf(await sampleAll(sampleRequest({ n: 1, sampling })));
  expect(completion!.weightPrecision).toBe(WeightPrecision.INT8);
});

test('a chat is rendered with the chat template of the checkpoint', async () => {
  const chat = { messages: [{ role: 'user', content: 'hi' }] };
  const prompts = [Prompt.fromPartial({ id: 'chat', content: { $case: 'chat', value: chat } })];
  const [event] = await sampleAll(sampleRequest({ prompts, n: 1 }));
  if (event?.event?.$case !== 'prompt') throw new Error('the first event is not a prompt');
  expect(unpackInt32(event.event.value.tokenIds, 'token_ids').length).toBeGreaterThan(2);
});

test('log-probs of given tokens are those of sampling', async () => {
  const [promptEvent, , ...rest] = await sampleAll(sampleRequest());
  if (promptEvent?.event?.$case !== 'prompt') throw new Error('the first event is not a prompt');
  const completions = completionsOf(rest).filter(({ promptId }) => promptId === 'a');
  const prompt = promptEvent.event.value.tokenIds;
  const sequences = completions.map(({ tokenIds }) => Buffer.concat([prompt, tokenIds]));
  const { logProbs } = await callUnary(client, 'computeLogProbs', { checkpoint, sequences });
  for (const [index, completion] of completions.entries()) {
    const sampled = unpackFloat32(completion.logProbs, 'log_probs');
    const forced = unpackFloat32(logProbs[index]!, 'log_probs').subarray(-sampled.length);
    sampled.forEach((value, t) => expect(Math.abs(value - forced[t]!)).toBeLessThanOrEqual(1e-4));
  }
});

test.each([
  [
    'sampling.temperature',
    { sampling: SamplingParams.fromPartial({ temperature: -1, topK: 0, topP: 0, maxTokens: 1, ignoreEos: false }) },
  ],
  ['sampling', { sampling: undefined }],
  ['n', { n: 0 }],
  ['prompts', { prompts: [] }],
  ['prompts[1].id', { prompts: [textPrompt('a', 'abc'), textPrompt('a', 'b')] }],
  ['prompts[0]', { prompts: [textPrompt('a', 'many words '.repeat(200))] }],
  ['prompts[0]', { prompts: [Prompt.fromPartial({ id: 'x' })] }],
  ['checkpoint', { checkpoint: 'checkpoints/../../etc' }],
])('a wrong %s is INVALID_ARGUMENT that names it', async (field, fields) => {
  await expect(sampleAll(sampleRequest(fields))).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    violations: [expect.objectContaining({ field })],
  });
});

test('an unknown checkpoint is NOT_FOUND', async () => {
  const unknown = nameOfDigest('checkpoints', '0'.repeat(64));
  await expect(sampleAll(sampleRequest({ checkpoint: unknown }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a damaged checkpoint is DATA_LOSS that names the file', async () => {
  const store = await ArtifactStore.open(storeDir);
  const folder = path.join(storeDir, 'made');
  await mkdir(folder);
  await writeFile(path.join(folder, 'config.json'), '{}');
  const { digest } = await store.putFolder(folder);
  await writeFile(path.join(await store.openFolder(digest), 'config.json'), '[]');
  await expect(sampleAll(sampleRequest({ checkpoint: nameOfDigest('checkpoints', digest) }))).rejects.toMatchObject({
    code: 'DATA_LOSS',
    message: expect.stringContaining('config.json'),
  });
});

test('other calls are answered while workers compute, and cancelling stops the work', async () => {
  const controller = new AbortController();
  const sampling = SamplingParams.fromPartial({ temperature: 1, topK: 0, topP: 0, maxTokens: 100, ignoreEos: true });
  const stream = callServerStream(client, 'sample', sampleRequest({ n: 10_000, sampling }), {
    signal: controller.signal,
  });
  const cancelled = (async () => {
    for await (const { event } of stream) {
      if (event?.$case !== 'completion') continue;
      await expect(sampleAll(sampleRequest({ n: 0 }))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      controller.abort();
    }
  })();
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await sampleAll(sampleRequest({ n: 1 }))).toHaveLength(5);
});

test('calls at the same time get their own completions', async () => {
  const seeds = [1n, 2n, 3n];
  const together = await Promise.all(seeds.map((seed) => sampleAll(sampleRequest({ seed }))));
  for (const [index, seed] of seeds.entries()) {
    expect(completionsOf(together[index]!)).toEqual(completionsOf(await sampleAll(sampleRequest({ seed }))));
  }
});

/** The golden model with this chat template, as a checkpoint. */
async function withTemplate(template: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-template-'));
  await cp(goldenModel, folder, { recursive: true });
  await writeFile(path.join(folder, 'chat_template.jinja'), template);
  const { digest } = await (await ArtifactStore.open(storeDir)).putFolder(folder);
  await rm(folder, { recursive: true });
  return nameOfDigest('checkpoints', digest);
}

const chatPrompt = (id: string): Prompt =>
  Prompt.fromPartial({ id, content: { $case: 'chat', value: { messages: [{ role: 'user', content: 'abc' }] } } });
const ENDLESS = ['i', 'j', 'k'].map((name) => `{% for ${name} in range(30000) %}`).join('') + '{% endfor %}'.repeat(3);

test('a chat template without an end costs its own call only, and is named', async () => {
  const hostile = await withTemplate(ENDLESS);
  const failing = sampleAll(sampleRequest({ checkpoint: hostile, prompts: [chatPrompt('a')] }));
  const outcome = expect(failing).rejects.toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    reason: 'TEXT_TOO_COSTLY',
    message: expect.stringMatching(/prompts\[0\].*chat template/s),
  });
  await expect(sampleAll(sampleRequest())).resolves.toBeDefined();
  await outcome;
});

test('cancelling a call ends its chat template too', async () => {
  const hostile = await withTemplate(`${ENDLESS}{# another #}`);
  const controller = new AbortController();
  const failing = sampleAll(sampleRequest({ checkpoint: hostile, prompts: [chatPrompt('a')] }), controller.signal);
  const outcome = expect(failing).rejects.toMatchObject({ code: 'CANCELLED' });
  await sampleAll(sampleRequest());
  controller.abort();
  await outcome;
  const after = await sampleAll(sampleRequest({ prompts: [textPrompt('b', 'abc')] }));
  expect(after.length).toBeGreaterThan(0);
});

test('a stream that nobody reads does not hold up other calls of its checkpoint, also on its connection', async () => {
  const prompts = Array.from({ length: 40 }, (_, index) => textPrompt(`p${index}`, 'abc'));
  const sampling = { ...sampleRequest().sampling!, maxTokens: 40, ignoreEos: true };
  const unread = client.sample(sampleRequest({ prompts, n: 200, sampling }));
  unread.on('error', () => {});
  unread.pause();
  for (let call = 0; call < 3; call++) {
    const drawn = await sampleAll(sampleRequest({ prompts: [textPrompt(`q${call}`, 'abc')] }));
    expect(drawn.length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  unread.cancel();
});
