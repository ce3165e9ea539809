import {
  CancelRunRequest,
  GetRunRequest,
  ListRunsRequest,
  PauseRunRequest,
  ResumeRunRequest,
  Run,
  RunState,
  type PartialMessage,
  type RunBudget,
} from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import { makeProgress, moment, shortName, table } from '@hone/terminal';
import type { Command } from 'commander';
import { hone } from '../../errors/advice.ts';
import { createRun } from '../../run/create-run.ts';
import { followRun, reportRun } from '../../run/follow.ts';
import { livePlatform } from '../../platform/live-platform.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { checkpointLines, memoryLine, runDocument, runTable, warningLines } from '../../reports/report.ts';
import { addRunFileOptions, runFileOf, type RunFileOptions } from '../../spec/run-file-options.ts';
import { specText } from '../../spec/spec-document.ts';
import { runReport } from '../../run/run-report.ts';
import { addReproduceCommand } from './reproduce.ts';
import { homeOf, integer, outputOf, resourceName } from '../common.ts';
import { addSpecCommand } from './spec.ts';
import { addFork } from './fork-run.ts';
import { addSampleCommands } from './run-samples.ts';

const stateName = (state: RunState): string => state.replace('RUN_STATE_', '').toLowerCase();
const get = ({ orchestrator }: Clients, name: string): Promise<Run> =>
  callUnary(orchestrator, 'getRun', GetRunRequest.fromPartial({ name: resourceName('runs', name) }));

interface RunOptions extends RunFileOptions {
  readonly detach: boolean;
  readonly json: boolean;
}

function addRunCommand(program: Command): void {
  const run = program
    .command('run')
    .description('run the loop as a YAML file says (see examples/; hone recipes show NAME tells the keys of a recipe)');
  addRunFileOptions(run)
    .option('--detach', 'leave the run to services that are up (hone up)', false)
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (options: RunOptions, command: Command) => {
      const home = homeOf(command);
      const output = outputOf(options);
      const file = await runFileOf(home, options);
      if (options.detach && home.server === undefined && !(await livePlatform(home)))
        throw failedPrecondition('NOTHING_UP', '--detach needs services that stay: start them with hone up');
      const whole = !options.detach;
      await withPlatform({ home, whole, onStart: () => output.line('starting the services …') }, async (clients) => {
        const run = await createRun(clients, file, makeProgress(output));
        output.line(run.name);
        if (options.detach) {
          output.result(runDocument(run), () => `follow it with: hone runs watch ${run.name}`);
          return;
        }
        reportRun(await followRun(clients, run.name, output, { interrupt: 'cancel' }), output, home.storeName);
      });
    });
}

function addList(runs: Command): void {
  runs
    .command('list')
    .description('runs, the newest first')
    .option('--filter <text>', 'such as: state = FAILED AND benchmark = gsm8k AND create_time > 2026-01-31', '')
    .option('--order-by <fields>', 'such as: update_time desc', '')
    .option('--limit <number>', 'most runs', integer(1), 50)
    .option('--json', 'as JSON', false)
    .action(async (options: { filter: string; orderBy: string; limit: number; json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const { filter, orderBy, limit } = options;
        const request = ListRunsRequest.fromPartial({ filter, orderBy, pageSize: Math.min(limit, 1000) });
        const { runs: found } = await callUnary(orchestrator, 'listRuns', request);
        const rows = found.map((run) => [
          run.name,
          stateName(run.state),
          run.spec?.benchmark ?? '',
          run.spec?.displayName ?? '',
          moment(run.createTime),
        ]);
        outputOf(options).result(
          found.map((run) => Run.toJSON(run)),
          () =>
            rows.length > 0
              ? table(['run', 'state', 'benchmark', 'name', 'created (UTC)'], rows)
              : 'no runs yet; start one with: hone demo',
        );
      });
    });
}

function addShow(runs: Command): void {
  runs
    .command('show <run>')
    .description('a run: its table, spec and lineage')
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const run = await get(clients, name);
        const document = await runReport(clients, run);
        outputOf(options).result(document, () =>
          [
            `${run.name}: ${stateName(run.state)}${run.error ? `, ${run.error}` : ''}`,
            runTable(run),
            `peak memory: ${memoryLine(run)}`,
            ...warningLines(run),
            ...checkpointLines(run),
            ...(run.bestCheckpoint ? [`best: M_${run.bestIteration}  ${shortName(run.bestCheckpoint)}`] : []),
            ...(run.earlyStop ? [`stopped early: ${run.earlyStop}`] : []),
            `lineage: ${document.lineage.map(({ checkpoint }) => shortName(checkpoint)).join(' ← ')}`,
            'spec, by the keys of a run file:',
            ...specText(run.spec!)
              .split('\n')
              .map((line) => `  ${line}`),
          ].join('\n'),
        );
      });
    });
}

function addWatch(runs: Command): void {
  runs
    .command('watch <run>')
    .description('follow a run to its end; Ctrl-C leaves it alone')
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (text: string, options: { json: boolean }, command: Command) => {
      const home = homeOf(command);
      const output = outputOf(options);
      const name = resourceName('runs', text);
      await withPlatform({ home, onStart: () => output.line('starting the services …') }, async (clients) =>
        reportRun(await followRun(clients, name, output, { interrupt: 'leave' }), output, home.storeName),
      );
    });
}

interface ResumeOptions {
  readonly json: boolean;
  readonly maxTokens?: number;
  readonly maxSeconds?: number;
  readonly maxDisk?: number;
}

/** The budget that options name; undefined where they name none. */
function budgetOf({ maxTokens, maxSeconds, maxDisk }: ResumeOptions): PartialMessage<RunBudget> | undefined {
  if (maxTokens === undefined && maxSeconds === undefined && maxDisk === undefined) return undefined;
  return { tokens: BigInt(maxTokens ?? 0), seconds: maxSeconds ?? 0, diskBytes: BigInt(maxDisk ?? 0) };
}

function addResume(runs: Command): void {
  runs
    .command('resume <run>')
    .description('go on with a run that was paused, cancelled, failed or was interrupted; Ctrl-C stops it again')
    .option('--max-tokens <number>', 'give it another budget: tokens in all', integer(1))
    .option('--max-seconds <number>', 'give it another budget: seconds of work in all', integer(1))
    .option('--max-disk <bytes>', 'give it another budget: bytes in the store in all', integer(1))
    .option('--json', 'one JSON document on stdout, logs on stderr', false)
    .action(async (text: string, options: ResumeOptions, command: Command) => {
      const home = homeOf(command);
      const output = outputOf(options);
      const name = resourceName('runs', text);
      await withPlatform(
        { home, whole: true, onStart: () => output.line('starting the services …') },
        async (clients) => {
          const resumed = await callUnary(
            clients.orchestrator,
            'resumeRun',
            ResumeRunRequest.fromPartial({ name, budget: budgetOf(options) }),
          );
          const follow = { interrupt: 'cancel', afterEvent: resumed.lastEvent } as const;
          reportRun(await followRun(clients, resumed.name, output, follow), output, home.storeName);
        },
      );
    });
}

function addCancel(runs: Command): void {
  runs
    .command('cancel <run>')
    .description('stop a run; it can be resumed')
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const run = await callUnary(
          orchestrator,
          'cancelRun',
          CancelRunRequest.fromPartial({ name: resourceName('runs', name) }),
        );
        outputOf(options).result(
          runDocument(run),
          () => `${run.name}: ${stateName(run.state)}; go on with: ${hone(`runs resume ${run.name}`)}`,
        );
      });
    });
}

function addPause(runs: Command): void {
  runs
    .command('pause <run>')
    .description('stop a run after the shards in hand; go on with it by resume')
    .option('--json', 'as JSON', false)
    .action(async (text: string, options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const request = PauseRunRequest.fromPartial({ name: resourceName('runs', text) });
        // It answers when the shards in hand are finished.
        const run = await callUnary(orchestrator, 'pauseRun', request, { timeoutMs: Infinity });
        outputOf(options).result(
          runDocument(run),
          () => `${run.name}: ${stateName(run.state)}; go on with: ${hone(`runs resume ${run.name}`)}`,
        );
      });
    });
}

/** `hone run` and `hone runs …`. */
export function addRunCommands(program: Command): void {
  addRunCommand(program);
  addSpecCommand(program);
  const runs = program
    .command('runs')
    .description('list, show, watch, pause, resume, cancel, fork and reproduce runs, and read their samples');
  addList(runs);
  addShow(runs);
  addWatch(runs);
  addSampleCommands(runs);
  addResume(runs);
  addPause(runs);
  addCancel(runs);
  addFork(runs);
  addReproduceCommand(runs);
}
