/** What results in floating point depend on beside Hone's own code. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What a CPU can do, as far as kernels are chosen by it: another choice adds numbers up in another order. */
export interface Cpu {
  readonly architecture: string;
  /** By the names that Linux has for them, sorted, with blanks between. */
  readonly features: string;
}

/** What a record was made with. */
export interface Conditions {
  /** Commit of Hone. */
  readonly hone: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly cpu: Cpu;
}

const VECTOR_FEATURE = /^(?:sse4_[12]|avx\w*|fma|f16c|amx_\w+|asimd\w*|sve\w*|sme\d?|i8mm|bf16)$/;

/** This machine's CPU; without features where the system does not tell them. */
export function cpuOf(information = readCpuInformation()): Cpu {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(information)?.[1] ?? '';
  const features = flags.split(/\s+/).filter((flag) => VECTOR_FEATURE.test(flag));
  return { architecture: process.arch, features: [...new Set(features)].sort().join(' ') };
}

function readCpuInformation(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    // Only Linux has it.
    return '';
  }
}

/** What runs here and now. */
export function conditionsHere(commit: string): Conditions {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return { hone: commit, node: process.versions.node, onnxruntime: version, cpu: cpuOf() };
}

/** Why this machine's floating-point results may differ from recorded ones though the code is right; undefined where they may not. */
export function whyUnlike({ cpu: recorded }: Conditions, here: Cpu = cpuOf()): string | undefined {
  if (recorded.architecture !== here.architecture) {
    return `the record was made on ${recorded.architecture}, and this is ${here.architecture}`;
  }
  if (here.features === '') return 'this system does not tell what its CPU can do';
  const [missing, added] = [without(recorded.features, here.features), without(here.features, recorded.features)];
  if (missing.length + added.length === 0) return undefined;
  const parts = [missing.length > 0 && `lacks ${missing.join(', ')}`, added.length > 0 && `has ${added.join(', ')}`];
  return `against the CPU that the record was made on, this one ${parts.filter(Boolean).join(' and ')}`;
}

const without = (all: string, those: string): string[] =>
  all.split(' ').filter((feature) => !those.split(' ').includes(feature));
