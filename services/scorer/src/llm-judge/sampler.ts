/** Asking a sampler of Hone. */
import { messageOf, SampleRequest, SamplerServiceClient, type PartialMessage, type Prompt } from '@hone/contracts';
import { callServerStream, connect } from '@hone/rpc';
import type { JudgeSettings } from './settings.ts';

export interface Question {
  readonly index: number;
  readonly text: string;
}

function promptOf({ index, text }: Question, format: JudgeSettings['format']): PartialMessage<Prompt> {
  const messages = [{ role: 'user', content: text }];
  const content =
    format === 'chat' ? { $case: 'chat' as const, value: { messages } } : { $case: 'text' as const, value: text };
  return { id: String(index), content };
}

/** An answer to a question. */
export interface Answer {
  readonly index: number;
  /** Number of the answer among those to the question, from 0. */
  readonly draw: number;
  readonly text: string;
}

/** The answers to the questions, as they come. */
export async function* askSampler(
  { endpoint, model, format, maxTokens, draws, temperature }: JudgeSettings,
  questions: readonly Question[],
  settings: { readonly signal: AbortSignal; readonly timeoutMs: number },
): AsyncGenerator<Answer> {
  const client = connect(SamplerServiceClient, endpoint.host);
  const request = messageOf(SampleRequest, {
    checkpoint: model,
    prompts: questions.map((question) => promptOf(question, format)),
    n: draws,
    sampling: { temperature, topP: 1, maxTokens },
    seed: 0n,
  });
  try {
    for await (const { event } of callServerStream(client, 'sample', request, settings)) {
      if (event?.$case !== 'completion') continue;
      const { promptId, sampleIndex: draw, text } = event.value;
      yield { index: Number(promptId), draw, text };
    }
  } finally {
    client.close();
  }
}
