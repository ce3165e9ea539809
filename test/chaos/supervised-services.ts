/** All six services, each on a port of its own that it keeps, started again whenever they end: what Kubernetes does, on loopback. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@hone/artifacts/testing/free-port';
import { ROLES, type Role } from '@hone/rpc';
import { startService, type ServiceProcess } from '../e2e/platform.ts';

/** What chaos may kill. */
export type Victim = Role | 'database';
export const VICTIMS: readonly Victim[] = [...ROLES, 'database'];

const RESTART_PAUSE_MS = 200;

/** One service that is started again whenever it ends. */
class SupervisedService {
  starts = 0;
  private process: ServiceProcess | undefined;
  private stopping = false;
  private readonly role: Role;
  private readonly flags: readonly string[];

  constructor(role: Role, flags: readonly string[]) {
    this.role = role;
    this.flags = flags;
  }

  /** Starts it, again and again where the start fails: what it needs may be on its way up as well. */
  async start(): Promise<void> {
    while (!this.stopping) {
      try {
        this.process = await startService(this.role, this.flags);
        this.starts += 1;
        return;
      } catch {
        await sleep(RESTART_PAUSE_MS);
      }
    }
  }

  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { process } = this;
    if (!process) return;
    this.process = undefined;
    await process.end(signal);
    await sleep(RESTART_PAUSE_MS);
    await this.start();
  }

  async stop(): Promise<number | null> {
    this.stopping = true;
    return (await this.process?.end('SIGTERM')) ?? null;
  }
}

/** Services over a store and a state folder. */
export class SupervisedServices {
  readonly addresses: Readonly<Record<Role, string>>;
  private readonly services: ReadonlyMap<Role, SupervisedService>;
  private readonly stateDir: string;
  private restarts: Promise<void>[] = [];

  private constructor(folder: string, addresses: Record<Role, string>) {
    this.addresses = addresses;
    this.stateDir = path.join(folder, 'state');
    const peers = ROLES.filter((role) => role !== 'orchestrator').flatMap((role) => [`--${role}`, addresses[role]]);
    const flags = ['--store', path.join(folder, 'store'), '--state', this.stateDir, '--threads', '2', ...peers];
    this.services = new Map(
      ROLES.map((role) => [role, new SupervisedService(role, ['--address', addresses[role], ...flags])]),
    );
  }

  static async start(folder: string): Promise<SupervisedServices> {
    const addresses: Partial<Record<Role, string>> = {};
    for (const role of ROLES) addresses[role] = `127.0.0.1:${await freePort()}`;
    const services = new SupervisedServices(folder, addresses as Record<Role, string>);
    await Promise.all([...services.services.values()].map((service) => service.start()));
    return services;
  }

  /** Ends a process as a crash or, where it has a choice, as a rollout would; it is started again in the background. */
  async end(victim: Victim, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (victim === 'database') await this.killDatabase();
    else this.restarts.push(this.services.get(victim)!.restart(signal));
  }

  /** Waits until all that was killed is up again. */
  async settle(): Promise<void> {
    await Promise.all(this.restarts.splice(0));
  }

  /** Ends all services in order; answers with their exit codes. */
  async stop(): Promise<(number | null)[]> {
    await this.settle();
    const orchestrator = this.services.get('orchestrator')!;
    const others = [...this.services.values()].filter((service) => service !== orchestrator);
    return [await orchestrator.stop(), ...(await Promise.all(others.map((service) => service.stop())))];
  }

  /** The database's own pid file names its server. */
  private async killDatabase(): Promise<void> {
    const file = path.join(this.stateDir, 'postgres', 'postmaster.pid');
    const text = await readFile(file, 'utf8').catch(() => '');
    const pid = Number(text.split('\n')[0]);
    if (!(pid > 1)) return;
    try {
      process.kill(pid, 'SIGKILL');
    } catch (thrown) {
      // Gone already: the orchestrator is about to start it again.
      if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
    }
  }
}
