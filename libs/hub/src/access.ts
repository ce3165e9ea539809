/**
 * How the Hugging Face hub is reached, as its other libraries do it: HF_ENDPOINT names another hub; the token is HF_TOKEN or the stored
 * login; HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE keep to the cache; proxies are those of the environment.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { failedPrecondition } from '@hone/errors';
import { outboundFetch } from '@hone/outbound';
import { HUB_URL } from '@huggingface/hub';

/** What every call of the hub's library is given. */
export interface HubAccess {
  readonly hubUrl: string;
  readonly cacheDir: string;
  readonly fetch: typeof globalThis.fetch;
  readonly accessToken?: string;
}

/** A variable that is set to something. */
const variable = (...names: readonly string[]): string | undefined =>
  names.map((name) => process.env[name]).find((value) => value !== undefined && value !== '');

const isTrue = (name: string): boolean => /^(1|on|yes|true)$/i.test(process.env[name] ?? '');

/** Whether the user wants no calls to the hub. */
export const isOffline = (): boolean => ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].some(isTrue);

function userCache(): string {
  const known = variable('XDG_CACHE_HOME');
  if (known !== undefined) return known;
  try {
    return path.join(homedir(), '.cache');
  } catch {
    throw failedPrecondition('NO_HOME', 'this account has no home folder for downloads: set HF_HOME to a folder');
  }
}

const hubHome = (): string => variable('HF_HOME') ?? path.join(userCache(), 'huggingface');
/** The folder that holds models and data sets of the hub, for all its libraries. */
export const hubCache = (): string => variable('HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE') ?? path.join(hubHome(), 'hub');

/** The token of HF_TOKEN, else that of the stored login; undefined where there is neither. */
export async function hubToken(): Promise<string | undefined> {
  const named = variable('HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN');
  if (named !== undefined) return named.trim();
  if (isTrue('HF_HUB_DISABLE_IMPLICIT_TOKEN')) return undefined;
  const file = variable('HF_TOKEN_PATH') ?? path.join(hubHome(), 'token');
  const stored = await readFile(file, 'utf8').catch(() => '');
  return stored.trim() || undefined;
}

/** `fetch` that shows the token to the hub and to nobody else, whatever addresses the hub's answers hold. */
function fetchOf(hubUrl: string, token: string | undefined): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    const isHub = new URL(input instanceof Request ? input.url : input).origin === new URL(hubUrl).origin;
    if (!isHub && token !== undefined && headers.get('authorization')?.includes(token)) headers.delete('authorization');
    return outboundFetch(input, { ...init, headers });
  };
}

/** How the hub is reached from here. */
export async function hubAccess(): Promise<HubAccess> {
  const hubUrl = (variable('HF_ENDPOINT') ?? HUB_URL).replace(/\/+$/, '');
  const accessToken = await hubToken();
  const fetch = fetchOf(hubUrl, accessToken);
  return { hubUrl, cacheDir: hubCache(), fetch, ...(accessToken !== undefined && { accessToken }) };
}
