import { accessSync, constants, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { ArtifactStore, makePrivateFolder, parseStoreLocation } from '@hone/artifacts';
import { readMachine } from '@hone/machine';
import { DEFAULT_PORTS, isServing, ROLES } from '@hone/rpc';
import { gibibytes, table } from '@hone/terminal';
import type { Command } from 'commander';
import { CREDENTIALS, findDeployment } from '../../platform/deployment.ts';
import { livePlatform } from '../../platform/live-platform.ts';
import { homeOf, outputOf } from '../common.ts';
import type { Check } from './check.ts';

const require = createRequire(import.meta.url);

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'Node',
    health: good ? 'fine' : 'broken',
    finding: `${process.versions.node} on ${process.platform} ${process.arch}${good ? '' : ': install 20.19 or newer'}`,
  };
}

function gpu(): Check {
  try {
    require.resolve('@tensorflow/tfjs-node-gpu');
    return { name: 'tfjs-node-gpu', health: 'fine', finding: 'installed' };
  } catch {
    return { name: 'tfjs-node-gpu', health: 'optional', finding: 'not installed: training runs on the CPU' };
  }
}

function memory(): Check {
  const { machineBytes, limitBytes, freeBytes } = readMachine().memory;
  const enough = freeBytes > 2 ** 30;
  const limit = limitBytes === undefined ? 'no limit of a container' : `limited to ${gibibytes(limitBytes)}`;
  return {
    name: 'memory',
    health: enough ? 'fine' : 'optional',
    finding: `${gibibytes(freeBytes)} free; ${gibibytes(machineBytes)} in the machine, ${limit}${enough ? '' : ': make room before you train'}`,
  };
}

function cpus(): Check {
  const { machine, limit, usable } = readMachine().cpus;
  const quota = limit === undefined ? 'no limit of a container' : `limited to ${Number(limit.toFixed(2))}`;
  return { name: 'CPUs', health: 'fine', finding: `${usable} to compute with; ${machine} in the machine, ${quota}` };
}

async function store(folder: string): Promise<Check> {
  try {
    if (parseStoreLocation(folder).kind === 's3') return await bucket(folder);
    makePrivateFolder(folder, 'store');
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    const enough = bavail * bsize > 2 ** 30;
    return {
      name: 'store',
      health: enough ? 'fine' : 'optional',
      finding: `${folder} is writable, ${gibibytes(bavail * bsize)} free${enough ? '' : ': little for checkpoints'}`,
    };
  } catch (thrown) {
    return { name: 'store', health: 'broken', finding: `${folder}: ${(thrown as Error).message}` };
  }
}

async function bucket(location: string): Promise<Check> {
  await (await ArtifactStore.open(location)).check();
  return { name: 'store', health: 'fine', finding: `${location} answers` };
}

function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function ports(isUp: boolean): Promise<Check> {
  const taken: string[] = [];
  for (const role of ROLES)
    if (!(await portIsFree(DEFAULT_PORTS[role]))) taken.push(`${DEFAULT_PORTS[role]} (${role})`);
  if (taken.length === 0)
    return {
      name: 'ports',
      health: 'fine',
      finding: `${DEFAULT_PORTS.sampler} to ${DEFAULT_PORTS.orchestrator} are free`,
    };
  const finding = isUp ? 'held by the services of this home' : `taken: ${taken.join(', ')}; use hone up --port-base`;
  return { name: 'ports', health: isUp ? 'fine' : 'optional', finding };
}

/** Whether the services of another machine answer. */
async function deployment(server: string): Promise<Check[]> {
  try {
    const addresses = await findDeployment(server);
    return await Promise.all(
      ROLES.map(async (role): Promise<Check> => {
        const serves = await isServing(addresses[role], undefined, CREDENTIALS);
        const finding = `${addresses[role]} ${serves ? 'serves' : 'does not answer'}`;
        return { name: role, health: serves ? 'fine' : 'broken', finding };
      }),
    );
  } catch (thrown) {
    return [{ name: 'server', health: 'broken', finding: (thrown as Error).message }];
  }
}

/** `hone doctor`: what works here, what is missing, what to do. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check this machine: what works, what is missing, what to do')
    .option('--json', 'as JSON', false)
    .action(async (options: { json: boolean }, command: Command) => {
      const home = homeOf(command);
      const checks = [
        nodeVersion(),
        await (await import('./check-runtime.ts')).runtime(),
        gpu(),
        memory(),
        cpus(),
        await store(home.store),
        await ports((await livePlatform(home)) !== undefined),
        ...(home.server === undefined ? [] : await deployment(home.server)),
      ];
      outputOf(options).result(checks, () =>
        table(
          ['check', 'is', 'finding'],
          checks.map(({ name, health, finding }) => [name, health, finding]),
        ),
      );
      if (checks.some(({ health }) => health === 'broken')) process.exitCode = 1;
    });
}
