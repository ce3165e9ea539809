/** Which process owns something that outlives it. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** A process, told from a later one with the same number. */
export interface ProcessOwner {
  readonly pid: number;
  readonly host: string;
  /** Empty where the system does not say. */
  readonly startTime: string;
}

/** A process of this machine. */
export async function ownerOf(pid: number): Promise<ProcessOwner> {
  return { pid, host: hostname(), startTime: await startTimeOf(pid) };
}

/** Whether a process of this machine still runs; of another machine's, nobody can say. */
export async function isRunning(owner: ProcessOwner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return owner.startTime === (await startTimeOf(owner.pid));
}

/** Clock ticks between boot and the process's start (field 22 of /proc/pid/stat), with the boot's id. */
async function startTimeOf(pid: number): Promise<string> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot.trim()}/${fields[19]}`;
  } catch {
    return '';
  }
}
