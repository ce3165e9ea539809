/** One orchestrator works on a database at a time, wherever it runs: a lock that the database itself holds while a session lives. */
import { setTimeout as sleep } from 'node:timers/promises';
import { failedPrecondition } from '@hone/errors';
import pg from 'pg';
import { databaseError } from './server/database-errors.ts';

/** "hone" in ASCII: locks are known by a number. */
const LOCK = 0x686f6e65;
/** The session of an orchestrator that was killed may live on for a moment. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 200;

/** Holds the lock; `onLost` is called where another one has taken it while the session was broken. */
export class OwnerLock {
  private client: pg.Client | undefined;
  private closed = false;
  private readonly config: pg.ClientConfig;
  private readonly onLost: (reason: Error) => void;

  private constructor(config: pg.ClientConfig, onLost: (reason: Error) => void) {
    this.config = config;
    this.onLost = onLost;
  }

  /** Takes the lock, or throws where another orchestrator has it. */
  static async take(config: pg.ClientConfig, onLost: (reason: Error) => void): Promise<OwnerLock> {
    const lock = new OwnerLock(config, onLost);
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (!(await lock.tryOnce())) {
      if (performance.now() > giveUpAt) throw inUse();
      await sleep(PAUSE_MS);
    }
    return lock;
  }

  async release(): Promise<void> {
    this.closed = true;
    await this.client?.end().catch(() => undefined);
  }

  private async tryOnce(): Promise<boolean> {
    const client = new pg.Client({ ...this.config, application_name: 'hone orchestrator', keepAlive: true });
    let taken = false;
    client.on('error', () => undefined);
    client.on('end', () => {
      if (taken && !this.closed) void this.takeAgain();
    });
    try {
      await client.connect();
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
      taken = rows[0]!.taken;
    } catch (thrown) {
      await client.end().catch(() => undefined);
      throw databaseError(thrown);
    }
    if (taken) this.client = client;
    else await client.end();
    return taken;
  }

  /** The session ended with its server: the lock is free for whoever asks first. */
  private async takeAgain(): Promise<void> {
    const mine = (await this.deniedSince()) === undefined;
    if (!mine && !this.closed) this.onLost(inUse());
  }

  /** Tries until the lock is held again (undefined), or has been another's for too long. */
  private async deniedSince(): Promise<number | undefined> {
    let denied: number | undefined;
    while (!this.closed) {
      try {
        if (await this.tryOnce()) return undefined;
        denied ??= performance.now();
        if (performance.now() - denied > PATIENCE_MS) return denied;
      } catch {
        // Its server is away: nobody can have the lock either.
        denied = undefined;
      }
      await sleep(PAUSE_MS);
    }
    return undefined;
  }
}

function inUse(): Error {
  return failedPrecondition(
    'STATE_IN_USE',
    'another orchestrator works on this database: end it, or give this one a database or --state folder of its own',
  );
}
