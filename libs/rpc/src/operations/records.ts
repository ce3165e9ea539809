/** Records of operations on disk: one small file each, written whole, so that a later process finds them in their true state. */
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { removeAbandoned, workFolder, writeFileAtomically, type ProcessOwner } from '@hone/artifacts';
import { Operation } from '@hone/contracts';
import { dataLoss, toHoneError } from '@hone/errors';
import { Claims } from './claims.ts';

/** What is kept of an operation. */
export interface OperationRecord {
  /** State, metadata, and response or error. */
  readonly operation: Operation;
  /** The method that started it. */
  readonly method: string;
  /** Id that its caller chose, or empty, and digest of the rest of the request. */
  readonly requestId: string;
  readonly requestDigest: string;
  /** The request as JSON, to go on with. */
  readonly request: unknown;
  /** The run that it is for, where there is one; for logs. */
  readonly run: string;
  /** Times are those of RFC 3339. */
  readonly createTime: string;
  readonly updateTime: string;
  /** Empty until it has ended. */
  readonly endTime: string;
  /** The process that works on it; none where it has ended, or was laid down in good order. */
  readonly owner: ProcessOwner | undefined;
  /** Which owner that is, counted from 1; each takes it up with a right of its own (claims.ts). */
  readonly generation: number;
  /** Processes that ended over it since it got ahead last. */
  readonly deaths: number;
}

/** Of the form of the files. */
const VERSION = 2;
const NAME = /^operations\/([0-9a-f-]{36})$/;
const RECORD = /^([0-9a-f-]{36})\.json$/;

/** Where the operations of a service are kept: beside the saved states that they go on from. */
export const operationsFolder = (storeDir: string, role: string): string =>
  path.join(workFolder(storeDir), 'operations', role);

/** The records of one service. */
export class OperationRecords {
  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<OperationRecords> {
    await ifThere(() => removeAbandoned(folder), undefined);
    return new OperationRecords(folder);
  }

  /** Names of the operations that have a record. */
  async names(): Promise<string[]> {
    const files = await ifThere(() => readdir(this.folder), []);
    return files.flatMap((file) => {
      const id = RECORD.exec(file)?.[1];
      return id === undefined ? [] : [`operations/${id}`];
    });
  }

  /** An operation's record; undefined where there is none. Throws DATA_LOSS where it cannot be read. */
  async read(name: string): Promise<OperationRecord | undefined> {
    const file = this.fileOf(name, 'json');
    if (file === undefined) return undefined;
    const text = await textOf(file);
    return text === undefined ? undefined : parse(text, file);
  }

  /** The rights of this process to an operation. The first one makes the folder: a service that had no work leaves nothing. */
  async claims(name: string, self: ProcessOwner): Promise<Claims> {
    await this.makeFolder();
    return new Claims((generation) => this.fileOf(name, `${generation}.claim`)!, self);
  }

  private async makeFolder(): Promise<void> {
    await mkdir(this.folder, { recursive: true }).catch((thrown: unknown) => {
      throw toHoneError(thrown);
    });
  }

  /** Keeps a record: it is on the disk when the promise resolves. */
  async write(record: OperationRecord): Promise<void> {
    const operation = Operation.toJSON(record.operation);
    await this.makeFolder();
    await writeFileAtomically(
      this.fileOf(record.operation.name, 'json')!,
      JSON.stringify({ version: VERSION, ...record, operation }),
    );
  }

  async remove(name: string): Promise<void> {
    for (const ending of ['json', 'cancel'] as const) await rm(this.fileOf(name, ending)!, { force: true });
  }

  /** Says that its owner is still at it. */
  async touch(name: string): Promise<void> {
    const now = new Date();
    await utimes(this.fileOf(name, 'json')!, now, now);
  }

  /** Milliseconds since its owner wrote or touched it. */
  async silentMs(name: string): Promise<number> {
    const { mtimeMs } = await stat(this.fileOf(name, 'json')!);
    return Date.now() - mtimeMs;
  }

  /** Notes that it is to end: who works on it, now or after a restart, finds that. */
  async requestCancel(name: string): Promise<void> {
    try {
      await writeFile(this.fileOf(name, 'cancel')!, '');
    } catch (thrown) {
      throw toHoneError(thrown);
    }
  }

  async isCancelRequested(name: string): Promise<boolean> {
    return (await textOf(this.fileOf(name, 'cancel')!)) !== undefined;
  }

  /** Ended: what was noted is done with. */
  async clearCancel(name: string): Promise<void> {
    await rm(this.fileOf(name, 'cancel')!, { force: true });
  }

  /** Undefined where the name is none that an operation has: it may come from any caller. */
  private fileOf(name: string, ending: 'json' | 'cancel' | `${number}.claim`): string | undefined {
    const id = NAME.exec(name)?.[1];
    return id === undefined ? undefined : path.join(this.folder, `${id}.${ending}`);
  }
}

const textOf = (file: string): Promise<string | undefined> => ifThere(() => readFile(file, 'utf8'), undefined);

/** What is read, or something else where nothing is there. */
async function ifThere<Found, Else>(read: () => Promise<Found>, otherwise: Else): Promise<Found | Else> {
  try {
    return await read();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw toHoneError(thrown);
  }
}

function parse(text: string, file: string): OperationRecord {
  try {
    const { version, operation, ...rest } = JSON.parse(text) as OperationRecord & { version: number };
    if (version === VERSION) return { ...rest, operation: Operation.fromJSON(operation) };
  } catch (cause) {
    throw dataLoss(file, 'is not the record of an operation', cause);
  }
  throw dataLoss(file, 'is a record of another version');
}
