/** Asking an OpenAI-compatible API. */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { excerpt, failedPrecondition, HoneError } from '@hone/errors';
import { outboundFetch } from '@hone/outbound';
import type { JudgeSettings } from './settings.ts';

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 20_000;
/** Of an answer as it is read, so decompressed. */
const MAX_RESPONSE_BYTES = 1_000_000;
/** Of what a refusing server says, for people. */
const MAX_REASON_CHARS = 120;

/** A busy or restarting server may answer later. */
const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500;

interface ChatCompletion {
  readonly choices?: readonly { readonly message?: { readonly content?: unknown }; readonly text?: unknown }[];
  readonly error?: { readonly message?: unknown };
}

/** What is asked, and how often it was asked before. */
export interface Question {
  readonly text: string;
  readonly draw: number;
}

function bodyOf(
  { model, maxTokens, format, temperature }: JudgeSettings,
  { text: question, draw: seed }: Question,
): object {
  const settings = { model, temperature, top_p: 1, n: 1, seed, max_tokens: maxTokens };
  return format === 'chat'
    ? { ...settings, messages: [{ role: 'user', content: question }] }
    : { ...settings, prompt: question };
}

/** What a refusal says, without the key, which some servers repeat. */
function refusalOf(status: number, text: string, apiKey: string | undefined): HoneError {
  let said = '';
  // Of what a server says to a wrong key nothing is passed on.
  if (status !== 401 && status !== 403) said = excerpt(String(parsed(text)?.error?.message ?? ''), MAX_REASON_CHARS);
  const message = `the judge's endpoint answered with status ${status}${said && `: ${said}`}`;
  return failedPrecondition('JUDGE_REFUSED', apiKey ? message.replaceAll(apiKey, '***') : message);
}

function parsed(text: string): ChatCompletion | undefined {
  try {
    return JSON.parse(text) as ChatCompletion;
  } catch {
    return undefined;
  }
}

function pauseOf(response: Response | undefined, attempt: number): number {
  const asked = Number(response?.headers.get('retry-after')) * 1000;
  return Math.min(MAX_PAUSE_MS, asked > 0 ? asked : FIRST_PAUSE_MS * 2 ** attempt);
}

/** The model's answer to a question. Busy servers are asked again until the signal is aborted. */
export async function askApi(settings: JudgeSettings, question: Question, signal: AbortSignal): Promise<string> {
  const { endpoint, apiKey, format } = settings;
  const url = `${endpoint.href.replace(/\/$/, '')}/${format === 'chat' ? 'chat/completions' : 'completions'}`;
  const headers = {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
  };
  const body = JSON.stringify(bodyOf(settings, question));
  for (let attempt = 0; ; attempt += 1) {
    const last = attempt === ATTEMPTS - 1;
    // A redirect could carry the key elsewhere.
    const response = await outboundFetch(url, { method: 'POST', headers, body, signal, redirect: 'error' }).catch(
      (thrown: unknown) => {
        if (signal.aborted || last) throw unreachable(endpoint, thrown);
        return undefined;
      },
    );
    if (response?.ok) return contentOf(await textOf(response, signal));
    if (response && (last || !isTransient(response.status)))
      throw refusalOf(response.status, await textOf(response, signal), apiKey);
    await response?.body?.cancel();
    await sleep(pauseOf(response, attempt), undefined, { signal });
  }
}

/** The body, as far as it is bounded: an endpoint that never ends its answer, or packs gigabytes into it, has broken its contract. */
async function textOf({ body }: Response, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    signal.throwIfAborted();
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES)
      throw failedPrecondition(
        'JUDGE_BROKEN',
        `the judge's endpoint answered with more than ${MAX_RESPONSE_BYTES} bytes`,
      );
    chunks.push(chunk);
    // An answer that comes faster than it is read would let no timer run, the deadline's neither.
    await setImmediate();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function contentOf(text: string): string {
  const [choice] = parsed(text)?.choices ?? [];
  const content = choice?.message?.content ?? choice?.text;
  if (typeof content === 'string') return content;
  throw failedPrecondition('JUDGE_BROKEN', "the judge's endpoint answered without a text");
}

function unreachable(endpoint: URL, thrown: unknown): HoneError {
  const cause = (thrown as { cause?: { code?: string; message?: string } }).cause;
  const message = `${endpoint.host}: the judge cannot be reached: ${cause?.code ?? cause?.message ?? (thrown as Error).message}`;
  return new HoneError({ code: 'UNAVAILABLE', reason: 'JUDGE_UNREACHABLE', message });
}
