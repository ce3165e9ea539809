/** HTTP calls to what lies outside: through the proxies that the environment names, and never through one to this machine. */
import type { Dispatcher, fetch as UndiciFetch } from 'undici';

interface Outbound {
  readonly fetch: typeof UndiciFetch;
  readonly dispatcher: Dispatcher;
}

let outbound: Promise<Outbound> | undefined;

/** Undici is a megabyte, and most processes call nothing outside. */
async function load(): Promise<Outbound> {
  const { fetch, outboundDispatcher } = await import('./dispatcher.ts');
  return { fetch, dispatcher: outboundDispatcher() };
}

/**
 * `fetch` through the proxies of this process's environment. Undici's own: the one in Node takes no proxies before Node 24, and no
 * dispatcher of another version.
 */
export const outboundFetch: typeof globalThis.fetch = async (input, init) => {
  const { fetch, dispatcher } = await (outbound ??= load());
  const options = { ...init, dispatcher } as unknown as Parameters<typeof UndiciFetch>[1];
  return (await fetch(input as Parameters<typeof UndiciFetch>[0], options)) as unknown as Response;
};
