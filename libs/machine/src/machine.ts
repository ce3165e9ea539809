import { availableParallelism, freemem, totalmem } from 'node:os';
import path from 'node:path';
import { groupFolders, numberBehind, numberIn, textOf, type GroupFolders } from './cgroup.ts';

/** What there is, and what this process may use of it. */
export interface Machine {
  readonly memory: {
    /** Of the whole machine. */
    readonly machineBytes: number;
    /** The lowest limit of this process's control groups; undefined where they set none. */
    readonly limitBytes: number | undefined;
    /** What can still be used, by the machine's own account and by the limits'. */
    readonly freeBytes: number;
  };
  readonly cpus: {
    /** Those that this process may run on. */
    readonly machine: number;
    /** The lowest quota of this process's control groups, in CPUs (1.5 is one and a half); undefined where they set none. */
    readonly limit: number | undefined;
    /** Threads that can be at work at a time: whole CPUs within the quota, at least one. */
    readonly usable: number;
  };
}

interface MemoryLimit {
  readonly limitBytes: number;
  readonly usedBytes: number;
}

const least = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
};

/** What a group's processes hold. Pages of files that were read long ago are given up where memory is short: they count as free. */
function memoryLimit(folder: string, version: 1 | 2): MemoryLimit | undefined {
  const file = (name: string): string => path.join(folder, name);
  const stat = file('memory.stat');
  if (version === 2) {
    const limitBytes = least([numberIn(file('memory.max')), numberIn(file('memory.high'))]);
    const usedBytes = (numberIn(file('memory.current')) ?? 0) - (numberBehind(stat, 'inactive_file') ?? 0);
    return limitBytes === undefined ? undefined : { limitBytes, usedBytes };
  }
  // The groups around this one may be out of sight; the kernel says what they allow.
  const around = numberBehind(stat, 'hierarchical_memory_limit');
  const limitBytes = least([numberIn(file('memory.limit_in_bytes')), around]);
  const usedBytes = (numberIn(file('memory.usage_in_bytes')) ?? 0) - (numberBehind(stat, 'total_inactive_file') ?? 0);
  return limitBytes === undefined ? undefined : { limitBytes, usedBytes };
}

/** CPUs that a group may use at a time, by its quota of time in each period. */
function cpuLimit(folder: string, version: 1 | 2): number | undefined {
  const [quota = '', period = ''] =
    version === 2
      ? (textOf(path.join(folder, 'cpu.max')) ?? '').split(' ')
      : ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((name) => textOf(path.join(folder, name)) ?? '');
  const limit = Number(quota || NaN) / Number(period || NaN);
  return Number.isFinite(limit) && limit > 0 ? limit : undefined;
}

function across<Limit>(
  groups: readonly GroupFolders[],
  read: (folder: string, version: 1 | 2) => Limit | undefined,
): Limit[] {
  return groups
    .flatMap(({ version, folders }) => folders.map((folder) => read(folder, version)))
    .filter((limit) => limit !== undefined);
}

/** Reads what there is now. `fileSystem` is the root under which /proc and the groups are looked for. */
export function readMachine(fileSystem = '/'): Machine {
  const machineBytes = totalmem();
  // Without a limit version 1 names a number that is higher than all memory.
  const memoryLimits = across(groupFolders('memory', fileSystem), memoryLimit).filter(
    ({ limitBytes }) => limitBytes < machineBytes,
  );
  const left = memoryLimits.map(({ limitBytes, usedBytes }) => Math.max(0, limitBytes - Math.max(0, usedBytes)));
  const machineCpus = availableParallelism();
  const limit = least(across(groupFolders('cpu', fileSystem), cpuLimit));
  return {
    memory: {
      machineBytes,
      limitBytes: least(memoryLimits.map(({ limitBytes }) => limitBytes)),
      freeBytes: Math.min(freemem(), ...left),
    },
    cpus: { machine: machineCpus, limit, usable: Math.max(1, Math.min(machineCpus, Math.floor(limit ?? machineCpus))) },
  };
}
