/** Asking an OpenAI-compatible API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { failedPrecondition, HoneError } from '@hone/errors';
import { outboundFetch } from '@hone/outbound';
import type { JudgeSettings } from './settings.ts';

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 20_000;
const MAX_RESPONSE_CHARS = 1_000_000;

/** A busy or restarting server may answer later. */
const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500;

interface ChatCompletion {
  readonly choices?: readonly { readonly message?: { readonly content?: unknown }; readonly text?: unknown }[];
  readonly error?: { readonly message?: unknown };
}

function bodyOf({ model, maxTokens, format }: JudgeSettings, question: string): object {
  const settings = { model, temperature: 0, top_p: 1, n: 1, seed: 0, max_tokens: maxTokens };
  return format === 'chat'
    ? { ...settings, messages: [{ role: 'user', content: question }] }
    : { ...settings, prompt: question };
}

/** What a refusal says, without the key, which some servers repeat. */
function refusalOf(status: number, text: string, apiKey: string | undefined): HoneError {
  let said = '';
  // Of what a server says to a wrong key nothing is passed on.
  if (status !== 401 && status !== 403) said = String(parsed(text)?.error?.message ?? '').slice(0, 200);
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
export async function askApi(settings: JudgeSettings, question: string, signal: AbortSignal): Promise<string> {
  const { endpoint, apiKey, format } = settings;
  const url = `${endpoint.href.replace(/\/$/, '')}/${format === 'chat' ? 'chat/completions' : 'completions'}`;
  const headers = { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
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
    if (response?.ok) return contentOf((await response.text()).slice(0, MAX_RESPONSE_CHARS));
    if (response && (last || !isTransient(response.status)))
      throw refusalOf(response.status, await response.text(), apiKey);
    await response?.body?.cancel();
    await sleep(pauseOf(response, attempt), undefined, { signal });
  }
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
