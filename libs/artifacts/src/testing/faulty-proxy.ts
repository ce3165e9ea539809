/** A proxy of HTTP that breaks what it is told to, for tests of what must survive it. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What happens to a request: an answer 503, a closed connection, no answer at all, or an answer that ends or falls silent. */
export type Fault =
  'unavailable' | 'reset' | 'silence' | { readonly cutAfterBytes: number } | { readonly silentAfterBytes: number };

/** Decides by method, path with query, and the number of the request from 0. */
export type Plan = (request: { method: string; url: string; number: number }) => Fault | undefined;

export interface FaultyProxy {
  readonly endpoint: string;
  plan: Plan;
  /** Requests so far. */
  requests: number;
  stop(): Promise<void>;
}

function answer(target: string, request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { method, url, headers } = request;
  return new Promise((resolve, reject) => {
    const outgoing = forward(new URL(url!, target), { method: method!, headers }, resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function pass(from: IncomingMessage, to: ServerResponse, fault: Fault | undefined): Promise<void> {
  to.writeHead(from.statusCode!, from.headers);
  const body = await buffer(from);
  if (typeof fault !== 'object') return void to.end(body);
  const most = 'cutAfterBytes' in fault ? fault.cutAfterBytes : fault.silentAfterBytes;
  if (body.length <= most) return void to.end(body);
  to.write(body.subarray(0, most), () => 'cutAfterBytes' in fault && to.destroy());
}

/** Starts a proxy before a server; it passes everything until it gets a plan. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const number = proxy.requests++;
    const fault = proxy.plan({ method: request.method!, url: request.url!, number });
    if (fault === 'reset') return void request.socket.destroy();
    const body = await buffer(request);
    if (fault === 'silence') return;
    if (fault === 'unavailable')
      return void response.writeHead(503).end('<Error><Code>ServiceUnavailable</Code></Error>');
    await pass(await answer(target, request, body), response, fault);
  };
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultyProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan: () => undefined,
    requests: 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}
