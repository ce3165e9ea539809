/** A pair-builder on loopback with a store of its own, and problems to give it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  packFloat32,
  packInt32,
  PairBuilderServiceClient,
  RuleServiceClient,
  VerdictState,
  type ApplyRuleRequest,
  type JudgedProblem,
  type PartialMessage,
} from '@hone/contracts';
import { connect, startServer } from '@hone/rpc';
import { createPairBuilderService } from '../server.ts';

const silent = { trace() {}, debug() {}, warn() {}, info() {}, error() {}, fatal() {} } as never;

/** Starts the service as its process does. */
export async function startPairBuilder() {
  const storeDir = await mkdtemp(path.join(tmpdir(), 'hone-pair-builder-'));
  const store = await ArtifactStore.open(storeDir);
  const { services } = await createPairBuilderService({ storeDir, logger: silent });
  const server = await startServer({ address: '127.0.0.1:0', services });
  const rules = connect(RuleServiceClient, server.address);
  const builder = connect(PairBuilderServiceClient, server.address);
  const close = async (): Promise<void> => {
    for (const client of [rules, builder]) client.close();
    await server.close(100);
    await rm(storeDir, { recursive: true, force: true });
  };
  return { address: server.address, store, rules, builder, close };
}

export const RIGHT = { state: VerdictState.SCORED, score: 1 };
export const WRONG = { state: VerdictState.SCORED, score: 0 };

export type Request = PartialMessage<ApplyRuleRequest>;
type Judged = NonNullable<PartialMessage<JudgedProblem>['completions']>[number];

export const config = (rule: string, settings: object = {}): Request => ({
  message: { $case: 'config', value: { rule, settings, seed: 5n } },
});

/** A completion whose first token is `token`. */
export function judged(token: number, verdict: { state: VerdictState; score?: number }, sampleIndex = token) {
  const tokenIds = packInt32([token, 2]);
  const logProbs = packFloat32([-0.5, -0.25 * token]);
  return { completion: { sampleIndex, tokenIds, logProbs, exactLogProbs: true, text: `text ${token}` }, verdict };
}

export const problem = (
  problemId: string,
  completions: Judged[],
  own?: PartialMessage<JudgedProblem>['problem'],
): Request => ({
  message: {
    $case: 'problem',
    value: { problemId, promptTokenIds: packInt32([1, 9]), completions, ...(own && { problem: own }) },
  },
});
