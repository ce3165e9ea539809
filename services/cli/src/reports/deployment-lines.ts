/** What the services of a deployment say of themselves, as JSON and for people. */
import type { DeployedService, Engine } from '@hone/contracts';
import { table } from '@hone/terminal';

/** A service as JSON: `problem` says why one has nothing to say, and is null where it has. */
export const serviceDocument = ({ role, address, description, problem }: DeployedService) => ({
  role,
  address,
  version: description?.version ?? null,
  instance: description?.instance ?? null,
  capacity: description?.capacity ?? null,
  engine: description?.engine ?? null,
  problem: description ? null : problem,
});

const HEAD = ['service', 'address', 'version', 'calls at once', 'engine', 'device', 'precision', 'can'];

function engineCells(engine: Engine | undefined): string[] {
  if (!engine) return ['', '', '', ''];
  const { name, version, device, deviceName, precisions, capabilities } = engine;
  return [
    `${name} ${version}`,
    deviceName === '' ? device : `${device} (${deviceName})`,
    precisions.join(', '),
    capabilities.join(', '),
  ];
}

/** All services as a table, and behind it why some have nothing to say. */
export function deploymentText(services: readonly DeployedService[]): string {
  const rows = services.map(({ role, address, description }) => [
    ...[role, address, description?.version ?? 'no answer', description ? String(description.capacity) : ''],
    ...engineCells(description?.engine),
  ]);
  const silent = services.filter(({ description }) => !description);
  return [table(HEAD, rows), ...silent.map(({ role, problem }) => `${role}: ${problem}`)].join('\n');
}
