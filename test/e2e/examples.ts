/** Servers of examples/ in other languages, built as their READMEs say and started. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = path.join(import.meta.dirname, '../..');
export const PROTOS = path.join(ROOT, 'protos');
export const HONE = path.join(ROOT, 'bin/hone.mjs');

/** Servers that were started and have not been ended. */
export class ExampleServers {
  private readonly running: ChildProcess[] = [];

  /** Starts a server and gives the address that it says. */
  async start(command: string, flags: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const child = spawn(command, [...flags, '127.0.0.1:0'], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    this.running.push(child);
    for await (const line of createInterface({ input: child.stdout! })) return line.replace('listening on ', '');
    throw new Error('the server ended before it listened');
  }

  async stop(): Promise<void> {
    for (const child of this.running.splice(0)) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
}

/** The Python to run examples with. */
export const python = process.env['HONE_PYTHON'] ?? 'python3';
const pythonPackages = 'import grpc, grpc_tools, grpc_health, grpc_reflection';
export const hasPython = spawnSync(python, ['-c', pythonPackages]).status === 0;
/** Behind the name of a test that needs it. */
export const whyNoPython = hasPython
  ? ''
  : ` (skipped: ${python} has no grpcio-tools, grpcio-health-checking, grpcio-reflection)`;

/** Makes the contracts of these packages for Python in `folder`/gen; gives the environment that finds them. */
export function pythonContracts(folder: string, packages: readonly string[]): NodeJS.ProcessEnv {
  const gen = path.join(folder, 'gen');
  mkdirSync(gen);
  const protos = packages.flatMap((name) => {
    const below = path.join(PROTOS, 'hone', name, 'v1');
    return readdirSync(below).map((file) => path.join(below, file));
  });
  const outputs = [`--python_out=${gen}`, `--grpc_python_out=${gen}`];
  execFileSync(python, ['-m', 'grpc_tools.protoc', '-I', PROTOS, ...outputs, ...protos]);
  return { ...process.env, PYTHONPATH: gen, PYTHONDONTWRITEBYTECODE: '1' };
}
