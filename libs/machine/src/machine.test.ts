import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMachine } from './machine.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hone-machine-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes files of a made-up system. */
function system(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
  }
}

const MB = 2 ** 20;
const V2_MOUNT = '30 24 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw';
const unlimited = {
  machineBytes: totalmem(),
  limitBytes: undefined,
};

test('without control groups, and without limits in them, memory and CPUs are those of the machine', () => {
  const cpus = { machine: availableParallelism(), limit: undefined, usable: availableParallelism() };
  expect(readMachine(root)).toMatchObject({ memory: unlimited, cpus });
  system({
    'proc/self/mountinfo': V2_MOUNT,
    'proc/self/cgroup': '0::/',
    'sys/fs/cgroup/memory.max': 'max',
    'sys/fs/cgroup/cpu.max': 'max 100000',
  });
  expect(readMachine(root)).toMatchObject({ memory: unlimited, cpus });
  expect(readMachine().memory.freeBytes).toBeLessThanOrEqual(totalmem());
});

test('version 2: the lowest limit of the group and those around it holds, and file pages count as free', () => {
  system({
    'proc/self/mountinfo': V2_MOUNT,
    'proc/self/cgroup': '0::/slice/service/inner',
    'sys/fs/cgroup/slice/memory.max': String(512 * MB),
    'sys/fs/cgroup/slice/memory.current': String(400 * MB),
    'sys/fs/cgroup/slice/memory.stat': `anon 1\ninactive_file ${100 * MB}\nactive_file 7`,
    'sys/fs/cgroup/slice/service/memory.max': 'max',
    'sys/fs/cgroup/slice/service/memory.high': String(640 * MB),
    'sys/fs/cgroup/slice/service/inner/memory.max': String(768 * MB),
    'sys/fs/cgroup/slice/service/inner/memory.current': String(10 * MB),
    'sys/fs/cgroup/slice/cpu.max': 'max 100000',
    'sys/fs/cgroup/slice/service/cpu.max': '150000 100000',
    'sys/fs/cgroup/slice/service/inner/cpu.max': '400000 100000',
  });
  const { memory, cpus } = readMachine(root);
  expect(memory.limitBytes).toBe(512 * MB);
  expect(memory.freeBytes).toBe(Math.min(freemem(), 212 * MB));
  expect(cpus).toMatchObject({ limit: 1.5, usable: 1 });
});

test('version 1: limits of the memory and cpu hierarchies, those that are out of sight among them', () => {
  system({
    'proc/self/mountinfo': [
      '25 24 0:21 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
      '26 24 0:22 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      '27 24 0:23 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n'),
    'proc/self/cgroup': '5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': String(300 * MB),
    'sys/fs/cgroup/memory/memory.stat': `cache 5\nhierarchical_memory_limit ${256 * MB}\ntotal_inactive_file ${200 * MB}`,
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000',
  });
  const { memory, cpus } = readMachine(root);
  expect(memory.limitBytes).toBe(256 * MB);
  expect(memory.freeBytes).toBe(Math.min(freemem(), 156 * MB));
  expect(cpus).toMatchObject({ limit: 0.5, usable: 1 });
  system({ 'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1' });
  expect(readMachine(root).cpus.limit).toBeUndefined();
});

test('a group that is named beside what is mounted is the mounted one: a container sees its own as the root', () => {
  system({
    'proc/self/mountinfo': '30 24 0:27 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
    'proc/self/cgroup': '0::/../elsewhere',
    'sys/fs/cgroup/memory.max': String(128 * MB),
    'sys/fs/cgroup/memory.current': String(200 * MB),
  });
  expect(readMachine(root).memory).toMatchObject({ limitBytes: 128 * MB, freeBytes: 0 });
});
