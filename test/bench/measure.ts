/** Running a piece of work in a process of its own, so that its memory and CPU time are its own. */
import { spawn } from 'node:child_process';
import { ALLOCATOR } from '@hone/workers';

/** What a process measured of its work; set-up is left out of the times, and in the memory. */
export interface Measurement {
  readonly name: string;
  /** Tokens, pairs …: what rates are counted in. */
  readonly items: number;
  readonly seconds: number;
  readonly cpu_seconds: number;
  readonly peak_bytes: number;
}

/** The last line of JSON that a command prints; undefined where the command fails. */
export function runMeasured(command: string, args: readonly string[]): Promise<Measurement | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...ALLOCATOR, ...process.env },
      stdio: ['ignore', 'pipe', process.env['HONE_BENCH_VERBOSE'] ? 'inherit' : 'ignore'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => {
      const last = out.trim().split('\n').at(-1);
      resolve(code === 0 && last?.startsWith('{') ? (JSON.parse(last) as Measurement) : undefined);
    });
  });
}

/** Processes that do a part each at the same time, as one. */
export function together(parts: readonly (Measurement | undefined)[]): Measurement | undefined {
  if (!parts.every((part) => part !== undefined)) return undefined;
  const sum = (of: (part: Measurement) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    name: parts[0]!.name,
    items: sum(({ items }) => items),
    seconds: Math.max(...parts.map(({ seconds }) => seconds)),
    cpu_seconds: sum(({ cpu_seconds: seconds }) => seconds),
    peak_bytes: sum(({ peak_bytes: bytes }) => bytes),
  };
}

/** Phases that follow one another, as one. */
export function inTurn(parts: readonly (Measurement | undefined)[]): Measurement | undefined {
  if (!parts.every((part) => part !== undefined)) return undefined;
  const sum = (of: (part: Measurement) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    name: parts[0]!.name,
    items: 1,
    seconds: sum(({ seconds }) => seconds),
    cpu_seconds: sum(({ cpu_seconds: seconds }) => seconds),
    peak_bytes: Math.max(...parts.map(({ peak_bytes: bytes }) => bytes)),
  };
}

type Timed = Pick<Measurement, 'items' | 'seconds' | 'cpu_seconds'>;

async function time(work: () => Promise<number>): Promise<Timed> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const items = await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { items, seconds, cpu_seconds: (user + system) / 1e6 };
}

/** Prints a measurement for `runMeasured`. */
export function report(timed: Timed): void {
  const measurement = { name: 'Hone', ...timed, peak_bytes: process.resourceUsage().maxRSS * 1024 };
  process.stdout.write(`${JSON.stringify(measurement)}\n`);
}

/** Times `work`, which gives the items done, and reports its best repeat, after one to warm up. */
export async function measure(work: () => Promise<number>, repeats: number): Promise<void> {
  await work();
  let best: Timed | undefined;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const timed = await time(work);
    if (!best || timed.seconds < best.seconds) best = timed;
  }
  report(best!);
}

/** Times `work` with all that it costs the first time. */
export async function measureOnce(work: () => Promise<number>): Promise<void> {
  report(await time(work));
}
