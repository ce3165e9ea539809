import { ArtifactStore, collect, verifyStore, type StoredArtifact } from '@hone/artifacts';
import { ListReferencedArtifactsRequest } from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';
import { callServerStream } from '@hone/rpc';
import { mebibytes, type Output } from '@hone/terminal';
import type { Command } from 'commander';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { localHomeOf, integer, outputOf } from '../common.ts';

const LOCAL = 'hone artifacts reads and changes the store itself';
const DEFAULT_MIN_AGE_HOURS = 7 * 24;
const MS_PER_HOUR = 3_600_000;

/** Counts what goes by. */
class Sum {
  count = 0;
  bytes = 0;

  add({ storedBytes }: StoredArtifact): void {
    this.count++;
    this.bytes += storedBytes;
  }

  toString(): string {
    return `${this.count} ${this.count === 1 ? 'artifact' : 'artifacts'}, ${mebibytes(this.bytes)}`;
  }
}

/** Writes an artifact as one line; a store may hold more of them than a table or a document should. */
function writeArtifact(output: Output, artifact: StoredArtifact, found: Readonly<Record<string, string>> = {}): void {
  const { kind, digest, storedBytes, storedTime, complete } = artifact;
  const text = [
    kind.padEnd('folder'.length),
    digest,
    mebibytes(storedBytes).padStart('10000.0 MiB'.length),
    storedTime.toISOString(),
    ...(complete ? [] : ['unfinished']),
    ...Object.values(found).filter((value) => value !== ''),
  ];
  process.stdout.write(`${output.json ? JSON.stringify({ ...artifact, ...found }) : text.join('  ')}\n`);
}

/** Ends the lines for people; programs count for themselves. */
function conclude(output: Output, text: string): void {
  if (!output.json) output.line(text);
}

function addList(artifacts: Command): void {
  artifacts
    .command('list')
    .description('what the store holds: kind, digest, size, when it was stored')
    .option('--json', 'one JSON object a line', false)
    .action(async (options: { json: boolean }, command: Command) => {
      const output = outputOf(options);
      const sum = new Sum();
      const store = await ArtifactStore.open(localHomeOf(command, LOCAL).store);
      for await (const artifact of store.list()) {
        sum.add(artifact);
        writeArtifact(output, artifact);
      }
      conclude(output, `${sum}`);
    });
}

function addVerify(artifacts: Command): void {
  artifacts
    .command('verify')
    .description('read every byte of the store and name what is damaged')
    .option('--json', 'one JSON object a line for each artifact', false)
    .action(async (options: { json: boolean }, command: Command) => {
      const output = outputOf(options);
      const sums = { SOUND: new Sum(), DAMAGED: new Sum(), UNFINISHED: new Sum() };
      const store = await ArtifactStore.open(localHomeOf(command, LOCAL).store);
      for await (const { artifact, status, problem } of verifyStore(store)) {
        sums[status].add(artifact);
        writeArtifact(output, artifact, { status, problem });
      }
      conclude(output, `sound: ${sums.SOUND}; damaged: ${sums.DAMAGED}; unfinished: ${sums.UNFINISHED}`);
      if (sums.DAMAGED.count > 0) process.exitCode = 1;
    });
}

/** All that the orchestrator's database names, and what the user does. */
async function* neededBy({ orchestrator }: Clients, keep: readonly string[]): AsyncGenerator<string> {
  yield* keep.map((name) => name.split('/').at(-1)!);
  const request = ListReferencedArtifactsRequest.fromPartial({});
  for await (const { digests } of callServerStream(orchestrator, 'listReferencedArtifacts', request)) yield* digests;
}

/** A store of which nothing is known is more likely another one's than full of nothing but refuse. */
async function requireKnownStore(store: ArtifactStore, needed: AsyncIterable<string>): Promise<void> {
  const digests = new Set<string>();
  for await (const digest of needed) digests.add(digest);
  let isEmpty = true;
  for await (const { digest } of store.list()) {
    if (digests.has(digest)) return;
    isEmpty = false;
  }
  if (isEmpty) return;
  const message = 'no run or checkpoint of this home names anything in this store: are --home and HONE_STORE right?';
  throw failedPrecondition('UNKNOWN_STORE', message);
}

function addCollect(artifacts: Command): void {
  artifacts
    .command('gc')
    .description('remove what no run and no checkpoint of this home names; try --dry-run first')
    .option('--dry-run', 'only say what would go', false)
    .option('--min-age-hours <number>', 'leave what was stored within this time', integer(1), DEFAULT_MIN_AGE_HOURS)
    .option('--keep <names...>', 'leave these too: digests, or names like evaluations/{digest}', [])
    .option('--json', 'one JSON object a line for each artifact that goes', false)
    .action(
      async (
        options: { dryRun: boolean; minAgeHours: number; keep: string[]; json: boolean },
        command: Command,
      ): Promise<void> => {
        const { dryRun, minAgeHours, keep } = options;
        const output = outputOf(options);
        const sum = new Sum();
        const home = localHomeOf(command, LOCAL);
        await withPlatform({ home }, async (clients) => {
          const store = await ArtifactStore.open(home.store);
          await requireKnownStore(store, neededBy(clients, keep));
          const minAgeMs = minAgeHours * MS_PER_HOUR;
          for await (const artifact of collect(store, { keep: () => neededBy(clients, keep), minAgeMs, dryRun })) {
            sum.add(artifact);
            writeArtifact(output, artifact);
          }
        });
        conclude(output, `${dryRun ? 'would remove' : 'removed'} ${sum}`);
      },
    );
}

/** `hone artifacts …`. */
export function addArtifactCommands(program: Command): void {
  const artifacts = program.command('artifacts').description('list, verify and collect what the store holds');
  addList(artifacts);
  addVerify(artifacts);
  addCollect(artifacts);
}
