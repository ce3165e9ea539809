/** `hone runs samples` and `hone runs pairs`: what a run's models said, and what was made of it. */
import { ListPairsRequest, ListSamplesRequest, messageOf, SampleOutcome } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { columnsOf } from '@hone/terminal';
import type { Command } from 'commander';
import { withPlatform } from '../../platform/platform.ts';
import { readPages } from '../../samples/read-pages.ts';
import { pairDocument, pairText, sampleDocument, sampleText } from '../../samples/sample-lines.ts';
import { homeOf, integer, outputOf, resourceName } from '../common.ts';

interface PairsOptions {
  readonly iteration?: number;
  readonly problem?: string;
  readonly limit: number;
  readonly json: boolean;
}

interface SamplesOptions extends PairsOptions {
  readonly right?: boolean;
  readonly wrong?: boolean;
  readonly truncated?: boolean;
  readonly unscorable?: boolean;
  readonly search?: string;
}

const OUTCOMES = {
  right: SampleOutcome.RIGHT,
  wrong: SampleOutcome.WRONG,
  truncated: SampleOutcome.TRUNCATED,
  unscorable: SampleOutcome.UNSCORABLE,
} as const;

const DEFAULT_LIMIT = 10;

/** Texts one below the other, and what is to be known of those that are not shown. */
function textOf(texts: readonly string[], what: string, hasMore: boolean): string {
  if (texts.length === 0) return `no ${what}`;
  return [...texts, ...(hasMore ? ['there are more; --limit shows them'] : [])].join('\n\n');
}

function addSamples(runs: Command): void {
  runs
    .command('samples <run>')
    .description('what the model of a run said: prompt, completion, answer and verdict, also while the run goes on')
    .option('--iteration <number>', 'of this iteration (default: the latest that has samples)', integer(1))
    .option('--wrong', 'with a wrong answer; may be joined with the three below')
    .option('--right', 'with the right answer')
    .option('--truncated', 'cut off before an answer')
    .option('--unscorable', 'without an answer that the scorer can read')
    .option('--problem <id>', 'of one problem')
    .option('--search <text>', 'that contain a text, in any case')
    .option('--limit <number>', 'most samples', integer(1), DEFAULT_LIMIT)
    .option('--json', 'one JSON document on stdout', false)
    .action(async (text: string, options: SamplesOptions, command: Command) => {
      const { iteration = 0, problem = '', search = '', limit } = options;
      const run = resourceName('runs', text);
      const names = Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[];
      const outcomes = names.filter((name) => options[name] === true).map((name) => OUTCOMES[name]);
      const filter = { run, iteration, outcomes, problemId: problem, search };
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const { items, hasMore } = await readPages(limit, async (pageSize, pageToken) => {
          const request = messageOf(ListSamplesRequest, { ...filter, pageSize, pageToken });
          const { samples, nextPageToken } = await callUnary(orchestrator, 'listSamples', request);
          return { items: samples, nextPageToken };
        });
        outputOf(options).result({ run, has_more: hasMore, samples: items.map(sampleDocument) }, () =>
          textOf(
            items.map((sample) => sampleText(sample, columnsOf())),
            `samples of ${run} that were asked for`,
            hasMore,
          ),
        );
      });
    });
}

function addPairs(runs: Command): void {
  runs
    .command('pairs <run>')
    .description('the preference pairs that an iteration of a run trained on')
    .option('--iteration <number>', 'of this iteration (default: the latest that has pairs)', integer(1))
    .option('--problem <id>', 'of one problem')
    .option('--limit <number>', 'most pairs', integer(1), DEFAULT_LIMIT)
    .option('--json', 'one JSON document on stdout', false)
    .action(async (text: string, options: PairsOptions, command: Command) => {
      const { iteration = 0, problem = '', limit } = options;
      const run = resourceName('runs', text);
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const { items, hasMore } = await readPages(limit, async (pageSize, pageToken) => {
          const request = messageOf(ListPairsRequest, { run, iteration, problemId: problem, pageSize, pageToken });
          const { pairs, nextPageToken } = await callUnary(orchestrator, 'listPairs', request);
          return { items: pairs, nextPageToken };
        });
        outputOf(options).result({ run, has_more: hasMore, pairs: items.map(pairDocument) }, () =>
          textOf(
            items.map((pair) => pairText(pair, columnsOf())),
            `pairs of ${run} that were asked for`,
            hasMore,
          ),
        );
      });
    });
}

/** Adds both to `hone runs`. */
export function addSampleCommands(runs: Command): void {
  addSamples(runs);
  addPairs(runs);
}
