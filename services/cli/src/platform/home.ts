/** The folder in which everything of an installation lives, and the note on where its services listen. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makePrivateFolder, resolveStoreLocation } from '@hone/artifacts';
import { ROLES, type Role } from '@hone/rpc';

export type Addresses = Readonly<Record<Role, string>>;

/** What `hone up` notes for other commands. */
export interface Platform {
  /** The process that started the services. */
  readonly pid: number;
  readonly addresses: Addresses;
  /** The command that has started them for itself, and ends them with itself; absent for those of `hone up`. */
  readonly command?: string;
}

/** A start that takes longer was given up without a word. */
const START_LOCK_MS = 120_000;

/** What services are started with beside Hone's own; where one is not said, the environment may say it. */
export interface OwnParts {
  /** Folder with recipes of one's own. */
  readonly recipes?: string | undefined;
  /** Folder with engines of one's own. */
  readonly engines?: string | undefined;
  /** What the sampler computes with. */
  readonly samplingEngine?: string | undefined;
  /** What the trainer computes with. */
  readonly trainingEngine?: string | undefined;
}

export class Home {
  readonly root: string;

  constructor(
    root: string,
    /** host:port of the orchestrator whose deployment is used in place of services of this machine. */
    readonly server?: string,
    readonly own: OwnParts = {},
  ) {
    this.root = path.resolve(root);
  }

  /** Where artifacts lie, for people. */
  get storeName(): string {
    return this.server === undefined ? this.store : `the store of ${this.server}`;
  }

  /** The artifact store: HONE_STORE (a folder or `s3://bucket/prefix`), else a folder of this home. */
  get store(): string {
    return resolveStoreLocation(process.env['HONE_STORE'] ?? path.join(this.root, 'store'), 'HONE_STORE');
  }
  get state(): string {
    return path.join(this.root, 'state');
  }
  private get upFile(): string {
    return path.join(this.root, 'up.json');
  }

  logFile(role: Role): string {
    return path.join(this.folder('logs'), `${role}.log`);
  }

  /** A folder of this home, made where it is missing; others cannot look into it. */
  private folder(name: string): string {
    const folder = path.join(this.root, name);
    makePrivateFolder(folder, '--home');
    return folder;
  }

  /** The platform that is up here, if its process still lives. */
  platform(): Platform | undefined {
    try {
      const platform = JSON.parse(readFileSync(this.upFile, 'utf8')) as Platform;
      process.kill(platform.pid, 0);
      return ROLES.every((role) => typeof platform.addresses[role] === 'string') ? platform : undefined;
    } catch {
      // No file, not ours to read, or its process is gone: nothing is up.
      return undefined;
    }
  }

  /** The right to start services here, unless another process has it; the function that is given lets go of it. */
  lockStart(): (() => void) | undefined {
    const file = path.join(this.folder(''), 'starting.lock');
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
      if (isStale(file)) rmSync(file, { force: true });
      return undefined;
    }
  }

  notePlatform(platform: Platform): void {
    this.folder('');
    writeFileSync(`${this.upFile}.${process.pid}`, JSON.stringify(platform, null, 2));
    renameSync(`${this.upFile}.${process.pid}`, this.upFile);
  }

  forgetPlatform(): void {
    rmSync(this.upFile, { force: true });
  }
}

/** Whether the process that holds a lock is gone, or has held it for too long. */
function isStale(file: string): boolean {
  try {
    if (Date.now() - statSync(file).mtimeMs > START_LOCK_MS) return true;
    const pid = Number(readFileSync(file, 'utf8'));
    // Its holder is about to write its number.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
