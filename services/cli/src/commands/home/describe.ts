import { DeployedService, GetDeploymentRequest } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { deploymentText, serviceDocument } from '../../reports/deployment-lines.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { homeOf, outputOf } from '../common.ts';

/** The services that the orchestrator calls, and the orchestrator itself. */
async function servicesOf({ orchestrator, addresses }: Clients): Promise<DeployedService[]> {
  const request = GetDeploymentRequest.fromPartial({ describe: true });
  const { services, description } = await callUnary(orchestrator, 'getDeployment', request);
  const own = DeployedService.fromPartial({ role: 'orchestrator', address: addresses.orchestrator });
  return [...services, { ...own, description }];
}

/** `hone describe`. */
export function addDescribeCommand(program: Command): void {
  program
    .command('describe')
    .description(
      'what every service is: version, engine, device, precisions, capabilities, and how many calls it takes',
    )
    .option('--json', 'one JSON document', false)
    .action(async (options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const services = await servicesOf(clients);
        outputOf(options).result({ services: services.map(serviceDocument) }, () => deploymentText(services));
      });
    });
}
