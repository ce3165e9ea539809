/** What goes wrong at a server's edge concerns one call: no connection stands still, no process ends. */
import {
  Client,
  credentials,
  makeGenericClientConstructor,
  status as GrpcStatus,
  type ServiceError,
} from '@grpc/grpc-js';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  ApplyRuleRequest,
  OperationsClient,
  RuleServiceClient,
  RuleServiceService,
  SampleRequest,
  SampleResponse,
  SamplerServiceClient,
  SamplerServiceService,
  ScoreRequest,
  ScorerServiceClient,
  ScorerServiceService,
  TrainerServiceService,
  TrainRequest,
  UploadDatasetRequest,
  UploadServiceClient,
  UploadServiceService,
  CreateRunRequest,
  ScorerRef,
} from '@hone/contracts';
import { HoneError, invalidArguments } from '@hone/errors';
import { connect as connectHttp2, createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  bidiStream,
  callBidi,
  callClientStream,
  callServerStream,
  callUnary,
  clientStream,
  connect,
  serverStream,
  startServer,
  toGrpcStatus,
  toStatus,
  unary,
  type ServiceBinding,
} from './index.ts';
import { openOperations, trainingOf } from './testing/operations.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(...services: ServiceBinding[]): Promise<string> {
  const server = await startServer({ address: '127.0.0.1:0', services });
  closers.push(() => server.close(100));
  return server.address;
}
function client<C extends Client>(made: C): C {
  closers.push(() => made.close());
  return made;
}

const hostileError = (): HoneError =>
  new HoneError({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    message: `\ud83d\0${'long 😀 '.repeat(20_000)}`,
    violations: Array.from({ length: 2_000 }, (_, index) => ({
      field: `field_${index}\udc00`,
      description: `\ud83d${'x'.repeat(index)}`,
    })),
    metadata: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${index}`, '\ud83d'.repeat(500)])),
  });
const fail = async (): Promise<never> => {
  throw hostileError();
};
// eslint-disable-next-line require-yield
async function* failing(): AsyncGenerator<never> {
  throw hostileError();
}
const refused = { code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', message: expect.stringContaining('long 😀') };

test('an error may have any text and size: on each kind of call it arrives, and the connection answers further calls', async () => {
  const address = await serve(
    {
      definition: ScorerServiceService,
      implementation: { score: unary(fail), listScorers: unary(async () => ({ scorers: [], nextPageToken: '' })) },
    },
    {
      definition: SamplerServiceService,
      implementation: { sample: serverStream(failing), computeLogProbs: unary(fail) },
    },
    { definition: RuleServiceService, implementation: { applyRule: bidiStream(failing) } },
    {
      definition: TrainerServiceService,
      implementation: {
        train: unary(fail),
        watchTraining: serverStream(failing),
        initializeCheckpoint: unary(fail),
      },
    },
    {
      definition: UploadServiceService,
      implementation: { uploadDataset: clientStream(fail), uploadProblemSet: clientStream(fail) },
    },
  );
  const scorer = client(connect(ScorerServiceClient, address));
  const limits = { timeoutMs: 5_000 };
  async function* no<Request>(): AsyncGenerator<Request> {}
  const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
    for await (const message of stream) expect(message).toBeDefined();
  };
  for (let round = 0; round < 3; round++) {
    await expect(callUnary(scorer, 'score', ScoreRequest.fromPartial({}), limits)).rejects.toMatchObject(refused);
    const sampler = client(connect(SamplerServiceClient, address));
    await expect(
      drain(callServerStream(sampler, 'sample', SampleRequest.fromPartial({}), limits)),
    ).rejects.toMatchObject(refused);
    const pairs = client(connect(RuleServiceClient, address));
    await expect(drain(callBidi(pairs, 'applyRule', no<ApplyRuleRequest>(), limits))).rejects.toMatchObject(refused);
    const uploads = client(connect(UploadServiceClient, address));
    await expect(callClientStream(uploads, 'uploadDataset', no<UploadDatasetRequest>(), limits)).rejects.toMatchObject(
      refused,
    );
  }
  await expect(callUnary(scorer, 'listScorers', { pageSize: 0, pageToken: '' }, limits)).resolves.toMatchObject({
    scorers: [],
  });
});

test('a status takes at most 6 kB of headers, and names violations as far as there is room', () => {
  const { details, metadata } = toGrpcStatus(hostileError());
  const [bytes] = metadata!.get('grpc-status-details-bin') as [Buffer];
  const size = encodeURI(details).length + bytes.toString('base64').length;
  expect(size).toBeLessThanOrEqual(6_000);
  expect(
    toGrpcStatus(HoneError.received({ code: 'INTERNAL', reason: 'X', message: '漢'.repeat(5_000) })).details.length,
  ).toBeGreaterThan(200);
  const several = toStatus(
    invalidArguments(Array.from({ length: 5 }, (_, index) => ({ field: `f${index}`, description: 'must be set' }))),
  );
  expect(several.message).toContain('f4: must be set');
  expect(several.details).toHaveLength(2);
});

test('the error of an operation is as bounded as that of a call', async () => {
  const operations = await openOperations();
  const address = await serve(operations.service);
  const started = await operations.start(trainingOf(fail), TrainRequest.fromPartial({}), { id: '', digest: '' });
  const calls = client(connect(OperationsClient, address));
  const operation = await callUnary(calls, 'waitOperation', { name: started.name, timeout: undefined });
  expect(operation.result?.$case).toBe('error');
  if (operation.result?.$case !== 'error') return;
  expect(Buffer.byteLength(operation.result.value.message)).toBeLessThan(2_100);
  expect(operation.result.value.details.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThan(3_000);
});

/** Sends bytes as the request of a method. */
function sendRaw(address: string, path: string, bytes: Buffer): Promise<ServiceError | null> {
  const same = (value: Buffer): Buffer => value;
  const Raw = makeGenericClientConstructor(
    {
      call: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    'Raw',
  );
  const raw = new Raw(address, credentials.createInsecure());
  return new Promise((resolve) => {
    const call = raw['call'] as unknown as (
      request: Buffer,
      options: object,
      done: (error: ServiceError | null) => void,
    ) => void;
    call.call(raw, bytes, { deadline: Date.now() + 5_000 }, (error) => {
      raw.close();
      resolve(error);
    });
  });
}

const scoring: ServiceBinding = {
  definition: ScorerServiceService,
  implementation: { score: unary(async () => ({ verdicts: [], usage: undefined })), listScorers: unary(fail) },
};
const SCORE = '/hone.scorer.v1.ScorerService/Score';

test('bytes that are no request are INVALID_ARGUMENT, and an unknown enum number names its field', async () => {
  const address = await serve(scoring);
  const truncated = Buffer.from(ScoreRequest.encode(ScoreRequest.fromPartial({ scorer: 'gsm8k' })).finish()).subarray(
    0,
    4,
  );
  for (const bytes of [truncated, Buffer.from('ffffffffffffffffffff', 'hex'), Buffer.alloc(1000, 0x0f)]) {
    const error = await sendRaw(address, SCORE, bytes);
    expect(error).toMatchObject({
      code: GrpcStatus.INVALID_ARGUMENT,
      details: expect.stringContaining('hone.scorer.v1.ScoreRequest'),
    });
  }
  const item = new BinaryWriter().tag(3, WireType.Varint).int32(77).finish();
  const request = new BinaryWriter();
  request.tag(2, WireType.LengthDelimited).bytes(new Uint8Array());
  request.tag(2, WireType.LengthDelimited).bytes(item);
  const error = await sendRaw(address, SCORE, Buffer.from(request.finish()));
  expect(error).toMatchObject({ code: GrpcStatus.INVALID_ARGUMENT });
  expect(error!.details).toMatch(
    /^items\[1\]\.finish_reason: must be one of FINISH_REASON_UNSPECIFIED \(0\), .*, but is 77$/,
  );
});

test('a message nested a hundred thousand times is refused', async () => {
  let bytes: Uint8Array = new Uint8Array();
  // ScorerRef.combination (7) . scorers (2): written from the inside out, so each level copies what is within it.
  const levels: Uint8Array[] = [];
  let length = 0;
  for (let depth = 0; depth < 100_000; depth++) {
    const head = new BinaryWriter()
      .tag(depth % 2 ? 7 : 2, WireType.LengthDelimited)
      .uint32(length)
      .finish();
    levels.push(head);
    length += head.length;
  }
  bytes = Buffer.concat(levels.reverse());
  expect(() => ScorerRef.decode(bytes)).toThrow();
  const scorer = new BinaryWriter().tag(8, WireType.LengthDelimited).bytes(bytes).finish();
  const spec = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(scorer).finish();
  const address = await serve({
    definition: {
      createRun: {
        ...ScorerServiceService.score,
        path: '/hone.orchestrator.v1.OrchestratorService/CreateRun',
        requestDeserialize: (value: Buffer) => CreateRunRequest.decode(value),
      },
    } as never,
    implementation: { createRun: unary(async () => ({ verdicts: [], usage: undefined })) },
  });
  const error = await sendRaw(address, '/hone.orchestrator.v1.OrchestratorService/CreateRun', Buffer.from(spec));
  expect(error).toMatchObject({ code: GrpcStatus.INVALID_ARGUMENT });
});

test('NUL is refused where a service asks for that, by the field that holds it', async () => {
  const address = await serve({ ...scoring, demands: { withoutNul: true } });
  const scorer = client(connect(ScorerServiceClient, address));
  const request = ScoreRequest.fromPartial({ items: [{}, { choices: [{ label: 'A', text: 'b\0' }] }] });
  await expect(callUnary(scorer, 'score', request)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    violations: [{ field: 'items[1].choices[0].text', description: 'must not hold the character NUL' }],
  });
});

test('a method that no service has is UNIMPLEMENTED, however its name looks', async () => {
  const address = await serve(scoring);
  const session = connectHttp2(`http://${address}`);
  closers.push(() => session.destroy());
  for (const path of ['/no.Service/Method', '/é', `/${'x'.repeat(50_000)}`]) {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const ended = new Promise((resolve) => {
      stream.on('response', (headers) => resolve(headers['grpc-status']));
      stream.on('error', () => resolve('reset'));
      stream.on('close', () => resolve('closed'));
    });
    stream.end();
    await expect(ended).resolves.toBe('12');
  }
  const scorer = client(connect(ScorerServiceClient, address));
  await expect(callUnary(scorer, 'score', ScoreRequest.fromPartial({}), { timeoutMs: 5_000 })).resolves.toBeDefined();
});

/** A server of another make, which answers every call with these trailers. */
async function foreignServer(trailers: Record<string, string>): Promise<string> {
  const server: Http2Server = createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
  });
  server.on('sessionError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a foreign server may send any status: the call fails within its time, with a bounded message', async () => {
  for (const trailers of [
    { 'grpc-status': '3', 'grpc-message': 'x'.repeat(40_000) },
    { 'grpc-status': '3', 'grpc-message': '%ED%A0%BD%00' },
    {
      'grpc-status': '3',
      'grpc-message': 'bad',
      'grpc-status-details-bin': Buffer.from('no status').toString('base64'),
    },
    { 'grpc-status': '77', 'grpc-message': '' },
  ]) {
    const scorer = client(connect(ScorerServiceClient, await foreignServer(trailers)));
    const error = await callUnary(scorer, 'score', ScoreRequest.fromPartial({}), { timeoutMs: 2_000 }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HoneError);
    expect((error as HoneError).message.length).toBeLessThanOrEqual(8_000);
    expect(() => encodeURI((error as HoneError).message)).not.toThrow();
  }
});

test('a stream that stands still ends by itself, and a slow reader is no standstill', async () => {
  const never = new Promise<never>(() => {});
  let answers = 0;
  const address = await serve(
    {
      definition: SamplerServiceService,
      implementation: {
        sample: serverStream(async function* ({ n }: SampleRequest) {
          for (answers = 0; answers < n; answers++) yield SampleResponse.fromPartial({});
          if (n < 10) await never;
        }),
        computeLogProbs: unary(() => never),
      },
    },
    {
      definition: UploadServiceService,
      implementation: { uploadDataset: clientStream(() => never), uploadProblemSet: clientStream(fail) },
    },
    {
      definition: RuleServiceService,
      implementation: { applyRule: bidiStream(() => ({ [Symbol.asyncIterator]: () => ({ next: () => never }) })) },
    },
  );
  const sampler = client(connect(SamplerServiceClient, address));
  const still = { code: 'DEADLINE_EXCEEDED', reason: 'CALL_STANDS_STILL' };
  const read = async (n: number, pauseMs: number): Promise<number> => {
    let count = 0;
    for await (const response of callServerStream(sampler, 'sample', SampleRequest.fromPartial({ n }), {
      idleMs: 150,
    })) {
      expect(response).toBeDefined();
      count += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return count;
  };
  await expect(read(2, 0)).rejects.toMatchObject(still);
  await expect(read(10, 40)).resolves.toBe(10);
  async function* one<Request>(request: Request): AsyncGenerator<Request> {
    yield request;
  }
  const uploads = client(connect(UploadServiceClient, address));
  const upload = callClientStream(uploads, 'uploadDataset', one(UploadDatasetRequest.fromPartial({})), { idleMs: 150 });
  await expect(upload).rejects.toMatchObject(still);
  const pairs = client(connect(RuleServiceClient, address));
  await expect(
    callBidi(pairs, 'applyRule', one(ApplyRuleRequest.fromPartial({})), { idleMs: 150 }).next(),
  ).rejects.toMatchObject(still);
});

test('a caller that resets calls without end loses its own connection, as something that passes, and nobody else loses theirs', async () => {
  const waiting = unary(() => new Promise<never>(() => undefined));
  const listScorers = unary(async () => ({ scorers: [], nextPageToken: '' }));
  const address = await serve({ definition: ScorerServiceService, implementation: { score: waiting, listScorers } });
  const [resetting, other] = [0, 1].map(() => client(connect(ScorerServiceClient, address)));
  const page = { pageSize: 0, pageToken: '' };
  await callUnary(other!, 'listScorers', page, { timeoutMs: 5_000 });
  const reset = async (): Promise<unknown> => {
    const abort = new AbortController();
    const call = callUnary(resetting!, 'score', ScoreRequest.fromPartial({}), { signal: abort.signal });
    setImmediate(() => abort.abort());
    return call.catch((error: HoneError) => `${error.code} ${error.reason}`);
  };
  const ends = new Set<unknown>();
  // The guard of HTTP/2 against rapid resets lets 1,000 pass, and 33 a second more.
  for (let round = 0; round < 200 && ends.size === 0; round++) {
    for (const end of await Promise.all(Array.from({ length: 50 }, reset))) ends.add(end);
    ends.delete('CANCELLED CANCELLED');
  }
  expect(ends.size).toBeGreaterThan(0);
  for (const end of ends) expect(end).toMatch(/^UNAVAILABLE /);
  await expect(callUnary(other!, 'listScorers', page, { timeoutMs: 5_000 })).resolves.toMatchObject({ scorers: [] });
  await expect(callUnary(resetting!, 'listScorers', page, { timeoutMs: 5_000 })).resolves.toMatchObject({
    scorers: [],
  });
}, 30_000);
