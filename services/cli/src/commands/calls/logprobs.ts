import type { Command } from 'commander';
import { jsonLines, tokenIdsOf } from '../../files/json-lines.ts';
import { computeLogProbs } from '../../models/log-probs.ts';
import { checkpointOf, exactlyOne, type ModelOptions } from '../../models/model-options.ts';
import { withPlatform } from '../../platform/platform.ts';
import { homeOf } from '../common.ts';

interface LogprobsOptions extends ModelOptions {
  readonly input: string;
  readonly json: boolean;
}

async function* sequencesOf(file: string): AsyncGenerator<number[]> {
  for await (const { where, row } of jsonLines(file)) yield tokenIdsOf(row, 'token_ids', where);
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
        for await (const logprobs of computeLogProbs(clients, checkpoint, sequencesOf(options.input))) {
          const sum = logprobs.reduce((total, value) => total + value, 0);
          const text = `${sum.toFixed(4)} in all, of ${logprobs.length + 1} tokens`;
          process.stdout.write(`${options.json ? JSON.stringify({ logprobs }) : text}\n`);
        }
      });
    });
}
