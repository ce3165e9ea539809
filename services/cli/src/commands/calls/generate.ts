import {
  messageOf,
  packInt32,
  SampleRequest,
  unpackFloat32,
  unpackInt32,
  WeightPrecision,
  type Completion,
  type PartialMessage,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { callServerStream } from '@hone/rpc';
import { piecesOf } from '@hone/streams';
import type { Command } from 'commander';
import { jsonLines, requireFits, tokenIdsOf } from '../../files/json-lines.ts';
import { checkpointOf, exactlyOne } from '../../models/model-options.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { homeOf, integer, number, outputOf, seedOption } from '../common.ts';

interface GenerateOptions {
  checkpoint?: string;
  model?: string;
  prompt?: string;
  input?: string;
  chat: boolean;
  maxTokens: number;
  temperature: number;
  topK: number;
  topP: number;
  n: number;
  seed: bigint;
  ignoreEos: boolean;
  stop: string[];
  stopToken: number[];
  int8: boolean;
  json: boolean;
}

type PromptFields = NonNullable<PartialMessage<SampleRequest>['prompts']>[number];

/** A prompt of the command line or of a line of the input file. */
function promptOf(
  id: string,
  { text, tokenIds }: { text?: string; tokenIds?: readonly number[] },
  chat: boolean,
): PromptFields {
  if (tokenIds) return { id, content: { $case: 'tokenIds', value: packInt32(tokenIds) } };
  if (chat) return { id, content: { $case: 'chat', value: { messages: [{ role: 'user', content: text ?? '' }] } } };
  return { id, content: { $case: 'text', value: text ?? '' } };
}

async function readPrompts({ prompt, input, chat }: GenerateOptions): Promise<PromptFields[]> {
  if (prompt !== undefined) return [promptOf('0', { text: prompt }, chat)];
  const prompts: PromptFields[] = [];
  for await (const { where, row } of jsonLines(input!)) {
    const id = String(prompts.length);
    if (Array.isArray(row['token_ids']))
      prompts.push(promptOf(id, { tokenIds: tokenIdsOf(row, 'token_ids', where) }, chat));
    else if (typeof row['prompt'] === 'string') prompts.push(promptOf(id, { text: row['prompt'] }, chat));
    else throw invalidArgument(where, 'must have a text field "prompt" or a list "token_ids"');
    requireFits({ where, row }, bytesOf(prompts.at(-1)!));
  }
  if (prompts.length === 0) throw invalidArgument('--input', `${input} holds no prompts`);
  return prompts;
}

/** Prompts a call: a call's messages stay small, and results come in the order of the input. */
const CALLS = { maxItems: 256, maxBytes: 2 ** 21 };

const bytesOf = (prompt: PromptFields): number =>
  SampleRequest.encode(SampleRequest.fromPartial({ prompts: [prompt] })).finish().length;

async function* completionsOf(
  clients: Clients,
  prompts: readonly PromptFields[],
  checkpoint: string,
  options: GenerateOptions,
): AsyncGenerator<Completion> {
  const { n, maxTokens, temperature, topK, topP, ignoreEos, stop, stopToken } = options;
  const weightPrecision = options.int8 ? WeightPrecision.INT8 : WeightPrecision.FP32;
  const draw = { maxTokens, temperature, topK, topP, ignoreEos, stop, stopTokenIds: stopToken, weightPrecision };
  for await (const part of piecesOf(prompts, { ...CALLS, bytesOf })) {
    const request = messageOf(SampleRequest, {
      checkpoint,
      prompts: part,
      n,
      seed: options.seed,
      sampling: draw,
    });
    const found: Completion[] = [];
    for await (const { event } of callServerStream(clients.sampler, 'sample', request)) {
      if (event?.$case === 'completion') found.push(event.value);
    }
    yield* found.sort((a, b) => Number(a.promptId) - Number(b.promptId) || a.sampleIndex - b.sampleIndex);
  }
}

const document = (completion: Completion) => ({
  prompt: Number(completion.promptId),
  sample: completion.sampleIndex,
  text: completion.text,
  finish_reason: completion.finishReason.replace('FINISH_REASON_', '').toLowerCase(),
  token_ids: [...unpackInt32(completion.tokenIds, 'token_ids')],
  logprobs: [...unpackFloat32(completion.logProbs, 'log_probs')],
  seed: String(completion.seed),
});

const listed = (text: string, before: readonly string[]): string[] => [...before, text];
const listedIds = (text: string, before: readonly number[]): number[] => [...before, integer(0)(text)];

/** `hone generate`: completions of prompts. With --json a line each, as JSON. */
export function addGenerateCommand(program: Command): void {
  program
    .command('generate')
    .description('sample completions from a checkpoint or a model folder')
    .option('--checkpoint <name>', 'a checkpoint of this home')
    .option('--model <folder>', 'a Hugging Face model folder, a .gguf file or org/name of the hub')
    .option('--prompt <text>', 'one prompt')
    .option('--input <file.jsonl>', 'lines with "prompt" or "token_ids"')
    .option('--chat', 'put the prompt into the chat template', false)
    .option('--max-tokens <number>', 'most tokens of a completion', integer(1), 128)
    .option('--temperature <number>', '0 is greedy', number, 0)
    .option('--top-k <number>', 'keep the k most probable tokens; 0 keeps all', number, 0)
    .option('--top-p <number>', 'keep the most probable tokens that reach this mass', number, 1)
    .option('--n <number>', 'completions a prompt', integer(1), 1)
    .addOption(seedOption('base of the seeds', 0n))
    .option('--ignore-eos', 'go on past the end of sequence', false)
    .option('--stop <text>', 'a text that ends a completion; may be given several times', listed, [])
    .option('--stop-token <id>', 'a token that ends a completion; may be given several times', listedIds, [])
    .option('--int8', 'round the weights to 8 bits', false)
    .option('--json', 'a JSON object a line', false)
    .action(async (options: GenerateOptions, command: Command) => {
      exactlyOne(command, options, 'prompt', 'input');
      exactlyOne(command, options, 'checkpoint', 'model');
      const prompts = await readPrompts(options);
      const output = outputOf(options);
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const checkpoint = await checkpointOf(clients, options);
        for await (const completion of completionsOf(clients, prompts, checkpoint, options)) {
          if (options.json) process.stdout.write(`${JSON.stringify(document(completion))}\n`);
          else output.line(`${completion.text}\n`);
        }
      });
    });
}
