import { Checkpoint, ListCheckpointsRequest } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { moment, shortName, table } from '@hone/terminal';
import type { Command } from 'commander';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { homeOf, integer, outputOf, resourceName } from '../common.ts';

interface ListOptions {
  readonly run: string;
  readonly filter: string;
  readonly orderBy: string;
  readonly deleted: boolean;
  readonly limit: number;
  readonly json: boolean;
}

const MAX_PAGE = 1000;

async function listed({ orchestrator }: Clients, options: ListOptions): Promise<Checkpoint[]> {
  const { run, filter, orderBy, deleted: showDeleted, limit } = options;
  const fields = { run: run && resourceName('runs', run), filter, orderBy, showDeleted };
  const found: Checkpoint[] = [];
  let pageToken = '';
  do {
    const pageSize = Math.min(limit - found.length, MAX_PAGE);
    const request = ListCheckpointsRequest.fromPartial({ ...fields, pageSize, pageToken });
    const page = await callUnary(orchestrator, 'listCheckpoints', request);
    found.push(...page.checkpoints);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && found.length < limit);
  return found;
}

/** `hone checkpoints list`. */
export function addList(checkpoints: Command): void {
  checkpoints
    .command('list')
    .description('checkpoints, the newest first')
    .option('--run <run>', 'only those of a run', '')
    .option('--filter <text>', 'such as: labels.team = a AND iteration >= 2 AND create_time > 2026-01-31', '')
    .option('--order-by <fields>', 'such as: iteration desc, create_time', '')
    .option('--deleted', 'also those that were deleted', false)
    .option('--limit <number>', 'most checkpoints', integer(1), 50)
    .option('--json', 'as JSON', false)
    .action(async (options: ListOptions, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const found = await listed(clients, options);
        const rows = found.map((item) => [
          shortName(item.name),
          item.origin.replace('CHECKPOINT_ORIGIN_', '').toLowerCase() + (item.deleteTime ? ', deleted' : ''),
          item.run ? `${item.run} M_${item.iteration}` : '',
          `${(Number(item.parameterCount) / 1e6).toFixed(2)} M`,
          item.displayName,
          namesOf(item),
          moment(item.createTime),
        ]);
        const head = ['checkpoint', 'origin', 'made by', 'weights', 'name', 'known as', 'created (UTC)'];
        outputOf(options).result(
          found.map((item) => Checkpoint.toJSON(item)),
          () => (rows.length > 0 ? table(head, rows) : 'no checkpoints'),
        );
      });
    });
}

/** "math@3 math@best": its versions and aliases, as people type them. */
export function namesOf({ versions, aliases }: Checkpoint): string {
  const short = versions.map((version) => version.replace(/^models\/(.*)\/versions\//, '$1@'));
  return [...short, ...aliases.map((alias) => alias.slice('models/'.length))].join(' ');
}
