/** Calls as promises and async iterables: an AbortSignal cancels, a failed call throws the HoneError that the server threw. */
import {
  credentials,
  Metadata,
  type CallOptions,
  type ChannelOptions,
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { cancelled, HoneError, toHoneError } from '@hone/errors';
import { notACertificate, readCertificateFile } from './certificate-file.ts';
import { logContext, RUN_KEY } from './log/context.ts';
import { fromServiceError } from './status.ts';

/** How a call ends early. */
export interface CallSettings {
  readonly signal?: AbortSignal | undefined;
  /** The whole call must end within this time; absent means ten minutes for calls without streams, and no such limit for others. */
  readonly timeoutMs?: number | undefined;
  /** A stream must not stand still for longer; absent means an hour, in which every model samples something. Infinity: it may. */
  readonly idleMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 600_000;
const DEFAULT_IDLE_MS = 3_600_000;
/** setTimeout takes no longer time. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A call to a server that is just starting or was just replaced is repeated; nothing else is. */
const SERVICE_CONFIG = JSON.stringify({
  methodConfig: [
    {
      name: [{}],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: '0.1s',
        maxBackoff: '2s',
        backoffMultiplier: 2,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    },
  ],
});

const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.service_config': SERVICE_CONFIG,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/** Any generated client. */
export type { Client as GrpcClient } from '@grpc/grpc-js';

/** A generated client's class. */
export type ClientClass<C extends Client> = new (
  address: string,
  channelCredentials: ReturnType<typeof credentials.createInsecure>,
  options?: ChannelOptions,
) => C;

/** PEM files by which a server is trusted and the caller shows itself. */
export interface TlsFiles {
  /** Certificates to trust; without one those of the system. */
  readonly rootCertificateFile?: string | undefined;
  readonly clientCertificateFile?: string | undefined;
  readonly clientKeyFile?: string | undefined;
  /** The name that the server's certificate must have, where it is not the host of the address. */
  readonly serverName?: string | undefined;
}

/** Services are reached directly: grpc_proxy, https_proxy and http_proxy are for what lies outside, which gRPC calls never do. */
const DIRECT: ChannelOptions = { 'grpc.enable_http_proxy': 0 };

/** What a client connects with. Where `allowed` is given, files must lie in one of these folders. */
export function clientCredentials(
  tls?: TlsFiles,
  allowed?: readonly string[],
): {
  readonly channelCredentials: ReturnType<typeof credentials.createInsecure>;
  readonly options: ChannelOptions;
} {
  if (!tls) return { channelCredentials: credentials.createInsecure(), options: DIRECT };
  const read = (file: string | undefined, field: string): Buffer | null =>
    file ? readCertificateFile(file, `tls.${field}`, allowed) : null;
  const root = read(tls.rootCertificateFile, 'root_certificate_file');
  const key = read(tls.clientKeyFile, 'client_key_file');
  const certificate = read(tls.clientCertificateFile, 'client_certificate_file');
  const name = tls.serverName;
  const names = name ? { 'grpc.ssl_target_name_override': name, 'grpc.default_authority': name } : {};
  try {
    return {
      channelCredentials: credentials.createSsl(root, key, certificate),
      options: { ...DIRECT, ...names },
    };
  } catch (thrown) {
    throw notACertificate('tls', thrown);
  }
}

/**
 * A client of the server at `address` (host:port). It connects at the first call; close it when done. `allowed` as for its credentials,
 * `channel` for what is to be otherwise than by default.
 */
export function connect<C extends Client>(
  clientClass: ClientClass<C>,
  address: string,
  tls?: TlsFiles,
  allowed?: readonly string[],
  channel: ChannelOptions = {},
): C {
  const { channelCredentials, options } = clientCredentials(tls, allowed);
  return new clientClass(address, channelCredentials, { ...CHANNEL_OPTIONS, ...options, ...channel });
}

type Callback<Response> = (error: ServiceError | null, response: Response) => void;
type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: Callback<Response>,
) => ClientUnaryCall;
type ServerStreamMethod<Request, Response> = (
  request: Request,
  metadata?: Metadata,
  options?: Partial<CallOptions>,
) => ClientReadableStream<Response>;
type ClientStreamMethod<Request, Response> = (
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: Callback<Response>,
) => ClientWritableStream<Request>;
type BidiMethod<Request, Response> = (
  metadata?: Metadata,
  options?: Partial<CallOptions>,
) => ClientDuplexStream<Request, Response>;

/** Names of a client's methods of one kind. */
type MethodsOf<C, Kind> = { [Name in keyof C]: C[Name] extends Kind ? Name : never }[keyof C];
// `never` and `any` here stand for "whatever the method takes and gives".
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyUnary = UnaryMethod<any, any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyServerStream = ServerStreamMethod<any, any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyClientStream = ClientStreamMethod<any, any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyBidi = BidiMethod<any, any>;
type UnaryTypes<M> = M extends UnaryMethod<infer Request, infer Response> ? [Request, Response] : never;
type ServerStreamTypes<M> = M extends ServerStreamMethod<infer Request, infer Response> ? [Request, Response] : never;
type ClientStreamTypes<M> = M extends ClientStreamMethod<infer Request, infer Response> ? [Request, Response] : never;
type BidiTypes<M> = M extends BidiMethod<infer Request, infer Response> ? [Request, Response] : never;

/** What the called server may write into its log beside its own lines. */
function metadataOf(): Metadata {
  const metadata = new Metadata();
  const { run } = logContext();
  if (run !== undefined) metadata.set(RUN_KEY, run);
  return metadata;
}

function optionsOf({ timeoutMs = Infinity }: CallSettings): Partial<CallOptions> {
  return timeoutMs === Infinity ? {} : { deadline: Date.now() + timeoutMs };
}

const withDeadline = (settings: CallSettings): CallSettings => ({
  ...settings,
  timeoutMs: settings.timeoutMs ?? DEFAULT_TIMEOUT_MS,
});

/** Ends a call that stands still while this side waits for the other: a slow reader of its own is no reason. */
class Stillness {
  private readonly idleMs: number;
  private readonly call: { cancel(): void };
  private timer: NodeJS.Timeout | undefined;
  private waiting = 0;
  private over = false;

  constructor(call: { cancel(): void }, { idleMs = DEFAULT_IDLE_MS }: CallSettings) {
    this.call = call;
    this.idleMs = idleMs;
  }

  /** Waits for the other side's next move. */
  async during<Result>(move: Promise<Result>): Promise<Result> {
    this.waiting += 1;
    this.moved();
    try {
      return await move;
    } finally {
      this.waiting -= 1;
      this.moved();
    }
  }

  /** Something went through: the time begins again, where anybody waits. */
  moved(): void {
    clearTimeout(this.timer);
    if (this.waiting === 0 || this.idleMs > MAX_TIMER_MS) return;
    this.timer = setTimeout(() => {
      this.over = true;
      this.call.cancel();
    }, this.idleMs);
  }

  /** What the call failed of: its own error, or that it stood still. */
  reasonOr(failure: Error): Error {
    if (!this.over) return failure;
    const message = `the call stood still for ${this.idleMs / 1000} seconds`;
    return new HoneError({ code: 'DEADLINE_EXCEEDED', reason: 'CALL_STANDS_STILL', message, cause: failure });
  }
}

/** The responses as they come. */
async function* responsesOf<Response>(call: AsyncIterable<Response>, stillness: Stillness): AsyncGenerator<Response> {
  const responses = call[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await stillness.during(responses.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await responses.return?.();
  }
}

/** What a failed or aborted call throws. */
function failureOf(thrown: unknown, client: Client, signal: AbortSignal | undefined): Error {
  if (signal?.aborted) return cancelled();
  if (thrown instanceof Error && 'metadata' in thrown && 'details' in thrown) {
    return fromServiceError(thrown as ServiceError, client.getChannel().getTarget().replace(/^dns:/, ''));
  }
  return toHoneError(thrown);
}

/** Cancels the call when the signal is aborted; returns what undoes that. */
function cancelOnAbort(call: { cancel(): void }, signal: AbortSignal | undefined): () => void {
  const cancel = (): void => call.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return () => signal?.removeEventListener('abort', cancel);
}

/** Resolves when the stream takes more or has ended; listeners do not stay behind, however often it is called. */
async function roomIn(call: Writable): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([once(call, 'drain', { signal }), once(call, 'close', { signal })]);
  } finally {
    settled.abort();
  }
}

async function pump<Request>(call: Writable, requests: AsyncIterable<Request>, stillness: Stillness): Promise<void> {
  for await (const request of requests) {
    if (call.destroyed) return;
    const hasRoom = call.write(request);
    stillness.moved();
    if (!hasRoom) await stillness.during(roomIn(call));
  }
  call.end();
}

/** One request, one response; within ten minutes where the settings say nothing else. */
export function callUnary<C extends Client, Name extends MethodsOf<C, AnyUnary>>(
  client: C,
  method: Name,
  request: UnaryTypes<C[Name]>[0],
  settings: CallSettings = {},
): Promise<UnaryTypes<C[Name]>[1]> {
  return new Promise((resolve, reject) => {
    const invoke = client[method] as AnyUnary;
    const options = optionsOf(withDeadline(settings));
    const call = invoke.call(client, request, metadataOf(), options, (error, response) => {
      release();
      if (error) reject(failureOf(error, client, settings.signal));
      else resolve(response as UnaryTypes<C[Name]>[1]);
    });
    const release = cancelOnAbort(call, settings.signal);
  });
}

/** One request, a stream of responses; leaving the loop early cancels the call. */
export async function* callServerStream<C extends Client, Name extends MethodsOf<C, AnyServerStream>>(
  client: C,
  method: Name,
  request: ServerStreamTypes<C[Name]>[0],
  settings: CallSettings = {},
): AsyncGenerator<ServerStreamTypes<C[Name]>[1], void, undefined> {
  const invoke = client[method] as AnyServerStream;
  const call = invoke.call(client, request, metadataOf(), optionsOf(settings));
  const release = cancelOnAbort(call, settings.signal);
  const stillness = new Stillness(call, settings);
  try {
    yield* responsesOf(call as AsyncIterable<ServerStreamTypes<C[Name]>[1]>, stillness);
  } catch (thrown) {
    throw stillness.reasonOr(failureOf(thrown, client, settings.signal));
  } finally {
    release();
    call.cancel();
  }
}

/** A stream of requests, one response. */
export function callClientStream<C extends Client, Name extends MethodsOf<C, AnyClientStream>>(
  client: C,
  method: Name,
  requests: AsyncIterable<ClientStreamTypes<C[Name]>[0]>,
  settings: CallSettings = {},
): Promise<ClientStreamTypes<C[Name]>[1]> {
  return new Promise((resolve, reject) => {
    const invoke = client[method] as AnyClientStream;
    const call = invoke.call(client, metadataOf(), optionsOf(settings), (error, response) => {
      release();
      answered();
      if (error) reject(stillness.reasonOr(failureOf(error, client, settings.signal)));
      else resolve(response as ClientStreamTypes<C[Name]>[1]);
    });
    const release = cancelOnAbort(call, settings.signal);
    const stillness = new Stillness(call, settings);
    let answered = (): void => undefined;
    const answer = new Promise<void>((done) => (answered = done));
    // What follows the last message is the server's work, for which it has as long as for taking one.
    call.once('finish', () => void stillness.during(answer));
    pump(call, requests, stillness).catch((thrown: unknown) => {
      // The producer failed: its error is the one to report, so it goes first.
      reject(toHoneError(thrown));
      call.cancel();
    });
  });
}

/** A stream of requests, a stream of responses; leaving the loop early cancels the call. */
export async function* callBidi<C extends Client, Name extends MethodsOf<C, AnyBidi>>(
  client: C,
  method: Name,
  requests: AsyncIterable<BidiTypes<C[Name]>[0]>,
  settings: CallSettings = {},
): AsyncGenerator<BidiTypes<C[Name]>[1], void, undefined> {
  const invoke = client[method] as AnyBidi;
  const call = invoke.call(client, metadataOf(), optionsOf(settings));
  const release = cancelOnAbort(call, settings.signal);
  let producerFailure: unknown;
  const stillness = new Stillness(call, settings);
  pump(call, requests, stillness).catch((thrown: unknown) => {
    producerFailure = toHoneError(thrown);
    call.cancel();
  });
  try {
    yield* responsesOf(call as AsyncIterable<BidiTypes<C[Name]>[1]>, stillness);
  } catch (thrown) {
    throw producerFailure ?? stillness.reasonOr(failureOf(thrown, client, settings.signal));
  } finally {
    release();
    call.cancel();
  }
}
