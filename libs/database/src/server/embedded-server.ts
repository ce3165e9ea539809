/**
 * A PostgreSQL server of the orchestrator's own: a process that is started with it, started again when it dies, and ends with it, also
 * where it is killed. It listens on a socket in its data folder only.
 */
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, open, readFile, readlink, realpath, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { failedPrecondition } from '@hone/errors';
import pg from 'pg';
import { accountOf, environment, HERE, isRoot, USER } from './account.ts';
import { installedBinaries, reachableBinaries, type Binaries } from './binaries.ts';
import { createIfMissing, FOLDER } from './initialize.ts';
import { spawnSupervised } from './supervise.ts';

/** Where the data lies and what runs on it. */
export interface EmbeddedServerOptions {
  /** The state folder: data in `postgres/`, its log in `postgres.log`. */
  readonly stateDir: string;
  /** Default: the programs that were installed with Hone. */
  readonly binaries?: Binaries;
  /** Told where the server is started again. */
  readonly onRestart?: (what: string) => void;
}

/** A longer name is none of a socket (sockaddr_un), with the name that the server appends. */
const MAX_SOCKET_FOLDER = 85;
/** A killed server's own processes may take a while to end; recovery from its log takes longest. */
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 25;
const WATCH_MS = 250;
const MAX_WATCH_MS = 5_000;
/** A server of an orchestrator that was killed ends by itself; later than this it is ended without waiting for its sessions. */
const FORMER_TIMEOUT_MS = 10_000;

/** Small: the orchestrator's rows are few. What is committed is on the disk. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  shared_buffers: '32MB',
  max_connections: '40',
  io_method: 'sync',
  max_logical_replication_workers: '0',
  log_checkpoints: 'off',
  timezone: 'UTC',
};

/** More of a start's messages is not looked at. */
const MAX_LOG_BYTES = 65_536;

/** Says that another process has the folder, or its remains are not gone yet: the next try may do better. */
const NOT_YET = /pre-existing shared memory block|lock file .* already exists|is the server already running/;

export class EmbeddedServer {
  /** What `pg` connects with. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  private readonly folder: string;
  private readonly logFile: string;
  private readonly binaries: Binaries;
  private readonly account: { uid?: number; gid?: number };
  private readonly socketFolder: SocketFolder;
  private watching: NodeJS.Timeout | undefined;
  private starting: Promise<void> | undefined;
  private closed = false;
  private supervisor: ChildProcess | undefined;
  /** Where in the log the server that was started last begins. */
  private logStart = 0;
  private readonly onRestart: (what: string) => void;

  private constructor(
    folder: string,
    logFile: string,
    binaries: Binaries,
    socketFolder: SocketFolder,
    onRestart: EmbeddedServerOptions['onRestart'],
  ) {
    this.onRestart = onRestart ?? (() => undefined);
    this.folder = folder;
    this.logFile = logFile;
    this.binaries = binaries;
    this.account = accountOf();
    this.socketFolder = socketFolder;
    this.connection = { host: socketFolder.path, port: 5432, user: USER, database: 'postgres' };
  }

  /** Starts the server of this folder; makes the data at the first time. */
  static async open({ stateDir, binaries: given, onRestart }: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const installed = given ?? (await installedBinaries());
    const binaries = isRoot() ? await reachableBinaries(installed) : installed;
    const root = await realpath(stateDir);
    const folder = path.join(root, FOLDER);
    const logFile = path.join(root, `${FOLDER}.log`);
    await createIfMissing(root, binaries);
    const server = new EmbeddedServer(folder, logFile, binaries, await openSocketFolder(folder), onRestart);
    try {
      await server.endFormer();
      await server.ensureRunning();
    } catch (thrown) {
      await server.socketFolder.close();
      throw thrown;
    }
    server.watch();
    return server;
  }

  /** Ends the server after what is under way. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.watching);
    await this.starting?.catch(() => undefined);
    const pid = await this.findPid();
    // "Fast": open transactions are undone, connections end.
    if (pid !== undefined) signal(pid, 'SIGINT');
    while (pid !== undefined && (await this.findPid()) === pid) await sleep(POLL_MS);
    this.supervisor?.stdin?.destroy();
    await this.socketFolder.close();
  }

  /** The folder is this orchestrator's: a server that still runs there is that of one that was killed, and about to end. */
  private async endFormer(): Promise<void> {
    const pid = await this.findPid();
    if (pid === undefined) return;
    const giveUpAt = performance.now() + FORMER_TIMEOUT_MS;
    signal(pid, 'SIGINT');
    while ((await this.findPid()) === pid) {
      // "Immediate": what was committed is made good from the log at the next start.
      if (performance.now() > giveUpAt) signal(pid, 'SIGQUIT');
      await sleep(POLL_MS);
    }
  }

  private watch(pauseMs = WATCH_MS): void {
    this.watching = setTimeout(() => {
      this.starting = this.ensureRunning();
      this.starting.then(
        () => this.closed || this.watch(),
        // What calls see meanwhile says the same; a later try may do better, such as when a full disk has space again.
        () => this.closed || this.watch(Math.min(2 * pauseMs, MAX_WATCH_MS)),
      );
    }, pauseMs).unref();
  }

  private async ensureRunning(): Promise<void> {
    const giveUpAt = performance.now() + START_TIMEOUT_MS;
    let child: ChildProcess | undefined;
    while (!this.closed) {
      const runs = (await this.findPid()) !== undefined;
      if (runs && (this.watching || (await this.answers()))) return;
      if (!runs && (!child || child.exitCode !== null || child.signalCode !== null)) {
        if (child) await this.judgeFailure(giveUpAt);
        if (this.watching) this.onRestart('the database server ended; it is started again');
        child = await this.spawnServer();
      }
      if (performance.now() > giveUpAt) throw await this.notStarted();
      await sleep(POLL_MS);
    }
  }

  private async spawnServer(): Promise<ChildProcess> {
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.supervisor?.stdin?.destroy();
    this.logStart = (await stat(this.logFile).catch(() => undefined))?.size ?? 0;
    const log = openSync(this.logFile, 'a', 0o600);
    try {
      const program = path.join(this.binaries.root, 'bin', 'postgres');
      const options = { cwd: this.folder, env: environment(), ...this.account };
      return (this.supervisor = spawnSupervised(program, ['-D', HERE, ...settings], log, options));
    } finally {
      closeSync(log);
    }
  }

  /** What the server that was started last has written. */
  private async readLog(): Promise<string> {
    const file = await open(this.logFile).catch(() => undefined);
    if (!file) return '';
    try {
      const buffer = Buffer.alloc(MAX_LOG_BYTES);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.logStart);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  private async judgeFailure(giveUpAt: number): Promise<void> {
    const log = await this.readLog();
    if (!NOT_YET.test(log) || performance.now() > giveUpAt) throw await this.notStarted();
    await sleep(10 * POLL_MS);
  }

  private async notStarted(): Promise<Error> {
    const log = (await this.readLog()).trim().split('\n').slice(-3).join(' | ');
    const message = `the database in ${this.folder} does not start: ${log || 'no message'} (log: ${this.logFile})`;
    return failedPrecondition('DATABASE_NOT_STARTED', message, { folder: this.folder });
  }

  private async answers(): Promise<boolean> {
    const client = new pg.Client({ ...this.connection, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The server's process, known by the folder that it works in: a pid alone may be another process's by now. */
  private async findPid(): Promise<number | undefined> {
    const text = await readFile(path.join(this.folder, 'postmaster.pid'), 'utf8').catch(() => '');
    const pid = Number(text.split('\n')[0]);
    if (!Number.isInteger(pid) || pid < 2) return undefined;
    return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === this.folder ? pid : undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (thrown) {
    // It ended meanwhile.
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}

/** A name of the data folder that is short enough for a socket. */
interface SocketFolder {
  readonly path: string;
  close(): Promise<void>;
}

async function openSocketFolder(folder: string): Promise<SocketFolder> {
  if (Buffer.byteLength(folder) <= MAX_SOCKET_FOLDER) return { path: folder, close: async () => undefined };
  const parent = await mkdtemp(path.join(tmpdir(), 'hone-'));
  const link = path.join(parent, 'pg');
  await symlink(folder, link);
  return { path: link, close: () => rm(parent, { recursive: true, force: true }) };
}
