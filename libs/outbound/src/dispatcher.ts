/** Which proxy a request goes through. */
import { EnvHttpProxyAgent, type Dispatcher } from 'undici';

export { fetch } from 'undici';

/** Hosts of this machine, which no proxy can reach. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]', '0.0.0.0'] as const;

/** A variable in either spelling; as with other programs the lower case goes first. */
function variable(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  return environment[name.toLowerCase()] || environment[name.toUpperCase()] || undefined;
}

/** "host:port" and "http://host:port" are the same proxy. */
const asUrl = (proxy: string | undefined): string | undefined =>
  !proxy || proxy.includes('://') ? proxy || undefined : `http://${proxy}`;

/**
 * What sends requests where HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY (either case) say. HTTP_PROXY is not read in capitals where
 * a web server's CGI may have made it of a request's header.
 */
export function outboundDispatcher(environment: NodeJS.ProcessEnv = process.env): Dispatcher {
  // ALL_PROXY often names one of SOCKS, for programs that speak it.
  const [all] = [asUrl(variable(environment, 'ALL_PROXY'))].filter((url) => url?.startsWith('http'));
  const isCgi = environment['REQUEST_METHOD'] !== undefined;
  const http = isCgi ? environment['http_proxy'] : variable(environment, 'HTTP_PROXY');
  const https = variable(environment, 'HTTPS_PROXY');
  const except = variable(environment, 'NO_PROXY') ?? '';
  return new EnvHttpProxyAgent({
    httpProxy: asUrl(http) ?? all ?? '',
    httpsProxy: asUrl(https) ?? all ?? '',
    noProxy: except.trim() === '*' ? '*' : [except, ...LOOPBACK].filter(Boolean).join(','),
  });
}
