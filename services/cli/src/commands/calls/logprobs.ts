import { ComputeLogProbsRequest, packInt32, unpackFloat32 } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { jsonLines, tokenIdsOf } from '../../files/json-lines.ts';
import { checkpointOf, exactlyOne, type ModelOptions } from '../../models/model-options.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { homeOf } from '../common.ts';

/** Tokens a call, and sequences: a call's messages stay far below what gRPC allows. */
const TOKENS_PER_CALL = 100_000;
const SEQUENCES_PER_CALL = 256;

interface LogprobsOptions extends ModelOptions {
  readonly input: string;
  readonly json: boolean;
}

/** The file's sequences, so many at a time. */
async function* batches(file: string): AsyncGenerator<number[][]> {
  let batch: number[][] = [];
  let tokens = 0;
  for await (const { where, row } of jsonLines(file)) {
    const ids = tokenIdsOf(row, 'token_ids', where);
    if (batch.length > 0 && (tokens + ids.length > TOKENS_PER_CALL || batch.length === SEQUENCES_PER_CALL)) {
      yield batch;
      [batch, tokens] = [[], 0];
    }
    batch.push(ids);
    tokens += ids.length;
  }
  if (batch.length > 0) yield batch;
}

async function compute({ sampler }: Clients, checkpoint: string, sequences: readonly number[][]): Promise<number[][]> {
  const request = ComputeLogProbsRequest.fromPartial({ checkpoint, sequences: sequences.map((ids) => packInt32(ids)) });
  const { logProbs } = await callUnary(sampler, 'computeLogProbs', request, { timeoutMs: Infinity });
  return logProbs.map((packed) => [...unpackFloat32(packed, 'log_probs')]);
}

/** `hone logprobs`: teacher forcing. A line for each sequence, in the order of the input. */
export function addLogprobsCommand(program: Command): void {
  program
    .command('logprobs')
    .description('log-probs of given tokens')
    .option('--checkpoint <name>', 'a checkpoint of this home')
    .option('--model <folder>', 'a Hugging Face model folder, a .gguf file or org/name of the hub')
    .requiredOption('--input <file.jsonl>', 'lines with "token_ids"')
    .option('--json', 'a JSON object a line', false)
    .action(async (options: LogprobsOptions, command: Command) => {
      exactlyOne(command, options, 'checkpoint', 'model');
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const checkpoint = await checkpointOf(clients, options);
        for await (const batch of batches(options.input)) {
          for (const logprobs of await compute(clients, checkpoint, batch)) {
            const sum = logprobs.reduce((total, value) => total + value, 0);
            const text = `${sum.toFixed(4)} in all, of ${logprobs.length + 1} tokens`;
            process.stdout.write(`${options.json ? JSON.stringify({ logprobs }) : text}\n`);
          }
        }
      });
    });
}
