import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { fetch } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { outboundDispatcher } from './dispatcher.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return (server.address() as AddressInfo).port;
}

/** A proxy that tunnels whatever it is asked for to one server, and notes what it was asked for. */
async function startProxy(targetPort: number) {
  const asked: string[] = [];
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (request, socket, head) => {
    asked.push(request.url!);
    const target = connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      socket.pipe(target).pipe(socket);
    });
    for (const end of [target, socket]) end.on('error', () => {});
  });
  return { asked, url: `http://127.0.0.1:${await listen(proxy)}` };
}

async function ask(url: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const dispatcher = outboundDispatcher(environment);
  try {
    return await (await fetch(url, { dispatcher })).text();
  } finally {
    await dispatcher.close();
  }
}

async function startTarget(): Promise<number> {
  return listen(createServer((request, response) => response.end(`${request.method} ${request.url}`)));
}

test('calls to the outside go through the proxy of either spelling, except where NO_PROXY says so', async () => {
  const target = await startTarget();
  const { asked, url } = await startProxy(target);
  for (const environment of [{ http_proxy: url }, { HTTP_PROXY: url.slice('http://'.length) }, { ALL_PROXY: url }])
    expect(await ask('http://hub.example/x', environment)).toBe('GET /x');
  expect(asked).toEqual(Array.from({ length: 3 }, () => 'hub.example:80'));
  await expect(ask('http://hub.invalid/x', { http_proxy: url, no_proxy: 'a.example,.invalid' })).rejects.toThrow();
  await expect(ask('http://hub.invalid/x', { http_proxy: url, NO_PROXY: '*' })).rejects.toThrow();
  expect(asked).toHaveLength(3);
});

test('HTTPS goes through HTTPS_PROXY, in a tunnel', async () => {
  const { asked, url } = await startProxy(await startTarget());
  // The target speaks no TLS: what counts is where the call went.
  await expect(ask('https://hub.example/x', { HTTPS_PROXY: url, HTTP_PROXY: 'http://127.0.0.1:1' })).rejects.toThrow();
  expect(asked).toEqual(['hub.example:443']);
});

test('no proxy stands between this machine and itself, whatever NO_PROXY leaves out', async () => {
  const target = await startTarget();
  const dead = 'http://127.0.0.1:1';
  const environment = {
    http_proxy: dead,
    HTTP_PROXY: dead,
    https_proxy: dead,
    all_proxy: dead,
    no_proxy: 'elsewhere.example',
  };
  expect(await ask(`http://127.0.0.1:${target}/y`, environment)).toBe('GET /y');
  expect(await ask(`http://localhost:${target}/y`, environment)).toBe('GET /y');
});

test('a proxy that this library cannot speak to is no reason to fail where another is named', async () => {
  const { asked, url } = await startProxy(await startTarget());
  expect(await ask('http://hub.example/x', { all_proxy: 'socks5h://127.0.0.1:1', http_proxy: url })).toBe('GET /x');
  expect(asked).toEqual(['hub.example:80']);
});
