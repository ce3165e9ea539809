import {
  RuleServiceClient,
  RuleServiceService,
  SamplerServiceClient,
  SamplerServiceService,
  ScorerServiceClient,
  ScorerServiceService,
  ApplyRuleRequest,
  ApplyRuleResponse,
  OperationsClient,
  SampleRequest,
  SampleResponse,
  ScoreRequest,
  ScoreResponse,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
} from '@hone/contracts';
import { HoneError, invalidArgument } from '@hone/errors';
import { afterEach, expect, test } from 'vitest';
import {
  awaitOperation,
  bidiStream,
  callBidi,
  callServerStream,
  callUnary,
  connect,
  isServing,
  serverStream,
  startServer,
  unary,
  type RunningServer,
  type ServiceBinding,
} from './index.ts';
import { openOperations, trainingOf } from './testing/operations.ts';

const servers: RunningServer[] = [];
const clients: { close(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.close(100)));
});

async function serve(...services: ServiceBinding[]): Promise<string> {
  const server = await startServer({ address: '127.0.0.1:0', services });
  servers.push(server);
  return server.address;
}
function client<C extends { close(): void }>(made: C): C {
  clients.push(made);
  return made;
}
const scorer = (score: (request: ScoreRequest) => Promise<ScoreResponse>): ServiceBinding => ({
  definition: ScorerServiceService,
  implementation: { score: unary(score), listScorers: unary(async () => ({ scorers: [], nextPageToken: '' })) },
});

test('an error crosses the wire with its code, reason and field violations', async () => {
  const address = await serve(
    scorer(async () => {
      throw invalidArgument('items', 'must not be empty');
    }),
  );
  const call = callUnary(client(connect(ScorerServiceClient, address)), 'score', ScoreRequest.fromPartial({}));
  const error = await call.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(HoneError);
  expect(error).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    violations: [{ field: 'items', description: 'must not be empty' }],
  });
});

test('an unreachable server is UNAVAILABLE and named', async () => {
  const call = callUnary(client(connect(ScorerServiceClient, '127.0.0.1:1')), 'listScorers', {
    pageSize: 0,
    pageToken: '',
  });
  await expect(call).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: '127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
  });
});

test('a deadline ends the call', async () => {
  const address = await serve(scorer(() => new Promise(() => {})));
  const settings = { timeoutMs: 50 };
  const call = callUnary(
    client(connect(ScorerServiceClient, address)),
    'score',
    ScoreRequest.fromPartial({}),
    settings,
  );
  await expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('a stream that the caller leaves is cancelled on the server, which never runs far ahead of its reader', async () => {
  let produced = 0;
  let aborted = false;
  async function* endless(
    _request: SampleRequest,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<SampleResponse> {
    signal.addEventListener('abort', () => (aborted = true));
    const value = { promptId: 'x'.repeat(10_000), tokenIds: Buffer.alloc(0) };
    for (;;) {
      produced += 1;
      yield { event: { $case: 'prompt', value } };
    }
  }
  const address = await serve({
    definition: SamplerServiceService,
    implementation: {
      sample: serverStream(endless),
      computeLogProbs: unary(() => Promise.reject(new Error('unused'))),
    },
  });
  let read = 0;
  for await (const response of callServerStream(
    client(connect(SamplerServiceClient, address)),
    'sample',
    SampleRequest.fromPartial({}),
  )) {
    expect(response.event?.$case).toBe('prompt');
    if ((read += 1) === 3) break;
  }
  await expect.poll(() => aborted).toBe(true);
  expect(produced).toBeLessThan(2_000);
});

test('a bidirectional stream answers while it is written, and a failing producer ends it with its own error', async () => {
  async function* echo(requests: AsyncIterable<ApplyRuleRequest>): AsyncGenerator<ApplyRuleResponse> {
    for await (const { message } of requests) {
      const problemId = message?.$case === 'problem' ? message.value.problemId : '';
      yield ApplyRuleResponse.fromPartial({ message: { $case: 'group', value: { problemId } } });
    }
  }
  const address = await serve({
    definition: RuleServiceService,
    implementation: { applyRule: bidiStream(echo) },
  });
  const builder = client(connect(RuleServiceClient, address));
  async function* requests(fail: boolean): AsyncGenerator<ApplyRuleRequest> {
    for (const problemId of ['a', 'b', 'c']) {
      yield ApplyRuleRequest.fromPartial({ message: { $case: 'problem', value: { problemId } } });
      if (fail) throw invalidArgument('problem', 'is broken');
    }
  }
  const ids: string[] = [];
  for await (const { message } of callBidi(builder, 'applyRule', requests(false))) {
    if (message?.$case === 'group') ids.push(message.value.problemId);
  }
  expect(ids).toEqual(['a', 'b', 'c']);
  const failing = async (): Promise<void> => {
    for await (const response of callBidi(builder, 'applyRule', requests(true))) void response;
  };
  await expect(failing()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: 'problem: is broken' });
});

test('health says SERVING while a server is up, and a taken port is a clear error', async () => {
  const address = await serve(scorer(async () => ScoreResponse.fromPartial({})));
  expect(await isServing(address)).toBe(true);
  expect(await isServing('127.0.0.1:1', 200)).toBe(false);
  await expect(startServer({ address, services: [] })).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'PORT_IN_USE',
    message: expect.stringContaining(address),
  });
});

test('an operation reports progress, gives its response, and the same request id is the same operation', async () => {
  const registry = await openOperations();
  let starts = 0;
  let seen = (): void => {};
  const firstStepSeen = new Promise<void>((resolve) => (seen = resolve));
  const kind = trainingOf(async (_, { report }) => {
    starts += 1;
    report(TrainMetadata.fromPartial({ step: 1 }));
    await firstStepSeen;
    report(TrainMetadata.fromPartial({ step: 2 }));
    return TrainResponse.fromPartial({ steps: 2 });
  });
  const start = (digest: string) => registry.start(kind, TrainRequest.fromPartial({}), { id: 'b0a3', digest });
  const operation = await start('one');
  expect((await start('one')).name).toBe(operation.name);
  await expect(start('another')).rejects.toThrow(/^request_id: was used for another request/);
  const address = await serve(registry.service);
  const steps: number[] = [];
  const response = await awaitOperation({
    client: client(connect(OperationsClient, address)),
    operation,
    response: TrainResponse,
    metadata: TrainMetadata,
    onMetadata: (metadata) => {
      steps.push(metadata.step);
      seen();
    },
    pollMs: 5,
  });
  expect(response.steps).toBe(2);
  expect(starts).toBe(1);
  expect(steps[0]).toBe(1);
  expect(steps.at(-1)).toBe(2);
});

test('an aborted wait cancels the operation, and a lost operation is NOT_FOUND', async () => {
  const registry = await openOperations();
  const kind = trainingOf(
    (_, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))),
      ),
  );
  const operation = await registry.start(kind, TrainRequest.fromPartial({}), { id: '', digest: '' });
  const operations = client(connect(OperationsClient, await serve(registry.service)));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  const waiting = awaitOperation({
    client: operations,
    operation,
    response: TrainResponse,
    signal: controller.signal,
    pollMs: 10,
  });
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(callUnary(operations, 'getOperation', { name: 'operations/none' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a long stream of requests leaves no listeners behind', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  async function* echo(requests: AsyncIterable<ApplyRuleRequest>): AsyncGenerator<ApplyRuleResponse> {
    for await (const request of requests) if (request.message) yield ApplyRuleResponse.fromPartial({});
  }
  const address = await serve({
    definition: RuleServiceService,
    implementation: { applyRule: bidiStream(echo) },
  });
  async function* requests(): AsyncGenerator<ApplyRuleRequest> {
    const value = { problemId: 'x'.repeat(1_000) };
    for (let sent = 0; sent < 1000; sent++)
      yield ApplyRuleRequest.fromPartial({ message: { $case: 'problem', value } });
  }
  const responses: ApplyRuleResponse[] = [];
  for await (const response of callBidi(client(connect(RuleServiceClient, address)), 'applyRule', requests()))
    responses.push(response);
  process.off('warning', warn);
  expect(responses).toHaveLength(1000);
  expect(warnings).toEqual([]);
});
