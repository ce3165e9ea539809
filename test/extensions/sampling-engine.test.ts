/** The example of an engine that is not Hone's, chosen by name for a home's sampler, and asked as any sampler is. */
import path from 'node:path';
import {
  FinishReason,
  messageOf,
  packInt32,
  SampleRequest,
  SamplerServiceClient,
  unpackFloat32,
  unpackInt32,
  WeightPrecision,
  type Completion,
  type PartialMessage,
} from '@hone/contracts';
import { callServerStream, callUnary, connect } from '@hone/rpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestHome } from '../e2e/home.ts';

const ENGINES = path.join(import.meta.dirname, '../../examples/extensions/sampling-engine');
const MODEL = path.join(import.meta.dirname, '../golden/models/untied');

interface Described {
  readonly services: readonly {
    readonly role: string;
    readonly address: string;
    readonly capacity: number;
    readonly engine: { readonly name: string; readonly capabilities: readonly string[] } | null;
  }[];
}

const home = new TestHome();
let described: Described;
let sampler: SamplerServiceClient;
let checkpoint: string;
beforeAll(async () => {
  await home.startUp('--engines', ENGINES, '--sampling-engine', 'laplace');
  described = await home.ask<Described>('describe');
  sampler = connect(SamplerServiceClient, serviceOf('sampler').address);
  ({ name: checkpoint } = await home.ask<{ name: string }>('checkpoints', 'import', MODEL));
}, 120_000);
afterAll(async () => {
  sampler.close();
  await home.down();
  home.remove();
});

const serviceOf = (role: string) => described.services.find((service) => service.role === role)!;

type Fields = PartialMessage<SampleRequest>;
const textPrompt = (id: string, value: string) => ({ id, content: { $case: 'text' as const, value } });
const PROMPTS = [textPrompt('a', 'abc'), textPrompt('b', 'some words')];
const SAMPLING = { temperature: 0.8, topK: 20, topP: 0.9, maxTokens: 12 };

/** The completions of a call, in order. */
async function sample(fields: Fields = {}): Promise<Completion[]> {
  const request = messageOf(SampleRequest, {
    ...{ checkpoint, prompts: PROMPTS, n: 3, seed: 7n, sampling: SAMPLING },
    ...fields,
  });
  const completions: Completion[] = [];
  for await (const { event } of callServerStream(sampler, 'sample', request))
    if (event?.$case === 'completion') completions.push(event.value);
  return completions.sort((a, b) => a.promptId.localeCompare(b.promptId) || a.sampleIndex - b.sampleIndex);
}

const tokensOf = ({ tokenIds }: Completion): number[] => [...unpackInt32(tokenIds, 'token_ids')];

test('hone describe says which engine each service has, and how many calls it takes', async () => {
  expect(serviceOf('sampler')).toMatchObject({ capacity: 1, engine: { name: 'laplace', capabilities: ['log-probs'] } });
  expect(serviceOf('trainer')).toMatchObject({ capacity: 1, engine: { name: 'onnxruntime' } });
  expect(serviceOf('orchestrator')).toMatchObject({ capacity: 2, engine: null });
  const { stdout } = await home.hone('describe', '--server', serviceOf('orchestrator').address);
  for (const { role } of described.services) expect(stdout).toContain(role);
  expect(stdout).toContain('laplace 1');
});

test('a sample follows from its seed, and not from its call', async () => {
  const all = await sample();
  expect(await sample()).toEqual(all);
  expect(await sample({ prompts: PROMPTS.slice(1) })).toEqual(all.filter(({ promptId }) => promptId === 'b'));
  expect(await sample({ n: 1 })).toEqual(all.filter(({ sampleIndex }) => sampleIndex === 0));
  expect((await sample({ seed: 8n })).map(tokensOf)).not.toEqual(all.map(tokensOf));
});

test('completions say which engine drew them, and that their log-probs are not those of the trainer', async () => {
  for (const completion of await sample())
    expect(completion).toMatchObject({ engine: 'laplace', exactLogProbs: false, checkpoint });
});

test("log-probs are the engine's own, untruncated, in sampling as of given tokens", async () => {
  const prompt = [1, 5, 5];
  const prompts = [{ id: 'ids', content: { $case: 'tokenIds' as const, value: packInt32(prompt) } }];
  const completions = await sample({ prompts });
  const sequences = completions.map(({ tokenIds }) => Buffer.concat([packInt32(prompt), tokenIds]));
  const { logProbs } = await callUnary(sampler, 'computeLogProbs', { checkpoint, sequences });
  for (const [index, completion] of completions.entries()) {
    const drawn = unpackFloat32(completion.logProbs, 'log_probs');
    expect([...unpackFloat32(logProbs[index]!, 'log_probs').slice(prompt.length - 1)]).toEqual([...drawn]);
  }
  const [greedy] = await sample({ prompts, n: 1, sampling: { temperature: 0, maxTokens: 3 } });
  expect(tokensOf(greedy!)).toEqual([5, 5, 5]);
});

test('the sampler decodes what such an engine draws, and ends it at the token that completes a stop text', async () => {
  const [whole] = await sample({ n: 1 });
  expect(whole!.text).not.toBe('');
  const stop = whole!.text.slice(1, 3);
  const [stopped] = await sample({ n: 1, sampling: { ...SAMPLING, stop: [stop] } });
  expect(stopped).toMatchObject({
    text: whole!.text.slice(0, whole!.text.indexOf(stop)),
    finishReason: FinishReason.STOP,
  });
  const kept = tokensOf(stopped!);
  expect(kept).toEqual(tokensOf(whole!).slice(0, kept.length));
  expect(kept.length).toBeLessThan(tokensOf(whole!).length);
  expect(stopped!.logProbs).toHaveLength(stopped!.tokenIds.length);
});

test('a precision that the engine does not have is refused, and those that it has are named', async () => {
  const sampling = { ...SAMPLING, weightPrecision: WeightPrecision.INT8 };
  await expect(sample({ sampling })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/sampling\.weight_precision: .*laplace.*float32/),
  });
});

test('an engine that is not there ends the start, and those that are there are named', async () => {
  const other = new TestHome();
  const { code, stderr } = await other.hone('describe', '--engines', ENGINES, '--sampling-engine', 'laplce');
  other.remove();
  expect(code).toBe(1);
  expect(stderr).toMatch(/--engine: must be one of onnxruntime, laplace, but is "laplce"/);
});
