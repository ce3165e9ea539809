/**
 * Pairs of a seed, one a problem, made of what M_0 samples, and their log-probs under any checkpoint: the same measure for methods
 * that train on pairs and for those that do not.
 */
import type { Comparison, PairLogProbs } from '@hone/comparison';
import {
  ListPairsRequest,
  messageOf,
  resultOf,
  SampleRequest,
  unpackInt32,
  type Prompt,
  type SamplePair,
} from '@hone/contracts';
import { callServerStream, callUnary } from '@hone/rpc';
import { computeLogProbs } from '../models/log-probs.ts';
import type { Clients } from '../platform/platform.ts';
import type { Ended } from './run-all.ts';

/** A problem's pair as tokens. */
interface PairTokens {
  readonly problem: string;
  readonly prompt: readonly number[];
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

const LARGEST_PAGE = 1000;
const PROMPTS_PER_CALL = 256;

/** The run whose pairs of iteration 1 are taken. */
const sourceOf = (ended: readonly Ended[], { pairs, methods }: Comparison, seed: number): Ended | undefined =>
  Object.keys(methods)
    .filter((method) => pairs.of === undefined || method === pairs.of)
    .flatMap((method) => ended.filter((one) => one.method === method && one.seed === seed))
    .find(({ run }) => {
      const first = run.iterations.find(({ index }) => index === 1);
      return ((first && resultOf(first, 'build')?.report?.pairs) ?? 0) > 0;
    });

/** The first pair of each of the first problems that have one. Solutions that nobody sampled have no tokens, and are passed over. */
async function firstPairs({ orchestrator }: Clients, run: string, count: number): Promise<SamplePair[]> {
  const found = new Map<string, SamplePair>();
  for (let pageToken = ''; ;) {
    const request = messageOf(ListPairsRequest, { run, iteration: 1, pageSize: LARGEST_PAGE, pageToken });
    const { pairs, nextPageToken } = await callUnary(orchestrator, 'listPairs', request);
    for (const pair of pairs) {
      const { problem, completion } = pair.chosen!;
      if (!found.has(problem!.id) && completion!.tokenIds.length > 0) found.set(problem!.id, pair);
      if (found.size === count) return [...found.values()];
    }
    if (nextPageToken === '') return [...found.values()];
    pageToken = nextPageToken;
  }
}

/** Prompts as the checkpoint's tokens, which a sampler tells before it samples. */
async function promptTokens({ sampler }: Clients, checkpoint: string, prompts: readonly Prompt[]) {
  const tokens = new Map<string, number[]>();
  for (let start = 0; start < prompts.length; start += PROMPTS_PER_CALL) {
    const part = prompts.slice(start, start + PROMPTS_PER_CALL);
    const request = messageOf(SampleRequest, { checkpoint, prompts: part, n: 1, sampling: { maxTokens: 1 } });
    for await (const { event } of callServerStream(sampler, 'sample', request))
      if (event?.$case === 'prompt')
        tokens.set(event.value.promptId, [...unpackInt32(event.value.tokenIds, 'token_ids')]);
  }
  return tokens;
}

async function pairTokensOf(clients: Clients, { run }: Ended, count: number): Promise<PairTokens[]> {
  const pairs = await firstPairs(clients, run.name, count);
  const base = run.iterations.find(({ index }) => index === 0)!.checkpoint;
  const prompts = await promptTokens(
    clients,
    base,
    pairs.map(({ chosen }) => chosen!.problem!.prompt!),
  );
  return pairs.map(({ chosen, rejected }) => ({
    problem: chosen!.problem!.id,
    prompt: prompts.get(chosen!.problem!.id)!,
    chosen: [...unpackInt32(chosen!.completion!.tokenIds, 'token_ids')],
    rejected: [...unpackInt32(rejected!.completion!.tokenIds, 'token_ids')],
  }));
}

/** log p of the last tokens of a sequence. */
const sumOfLast = (logProbs: readonly number[], count: number): number =>
  logProbs.slice(logProbs.length - count).reduce((sum, value) => sum + value, 0);

async function logProbsUnder(
  clients: Clients,
  checkpoint: string,
  pairs: readonly PairTokens[],
): Promise<PairLogProbs[]> {
  const sequences = pairs.flatMap(({ prompt, chosen, rejected }) => [
    [...prompt, ...chosen],
    [...prompt, ...rejected],
  ]);
  const logProbs: number[][] = [];
  for await (const one of computeLogProbs(clients, checkpoint, sequences)) logProbs.push(one);
  return pairs.map(({ problem, chosen, rejected }, index) => ({
    problem,
    chosen: sumOfLast(logProbs[2 * index]!, chosen.length),
    rejected: sumOfLast(logProbs[2 * index + 1]!, rejected.length),
  }));
}

/** Log-probs of a seed's pairs under a checkpoint; methods share M_0, which is computed once. */
export function fixedPairs(clients: Clients, ended: readonly Ended[], comparison: Comparison) {
  const pairs = new Map<number, Promise<PairTokens[]>>();
  const known = new Map<string, Promise<PairLogProbs[]>>();
  const pairsOf = (seed: number): Promise<PairTokens[]> => {
    const source = comparison.pairs.count === 0 ? undefined : sourceOf(ended, comparison, seed);
    return source ? pairTokensOf(clients, source, comparison.pairs.count) : Promise.resolve([]);
  };
  return async (seed: number, checkpoint: string): Promise<readonly PairLogProbs[]> => {
    if (!pairs.has(seed)) pairs.set(seed, pairsOf(seed));
    const key = `${seed} ${checkpoint}`;
    if (!known.has(key))
      known.set(
        key,
        pairs.get(seed)!.then((tokens) => logProbsUnder(clients, checkpoint, tokens)),
      );
    return known.get(key)!;
  };
}
