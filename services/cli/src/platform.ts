/** The services that a command talks to: those that are up, or its own for as long as it runs. */
import {
  EvaluatorServiceClient,
  OperationsClient,
  OrchestratorServiceClient,
  SamplerServiceClient,
  TrainerServiceClient,
} from '@hone/contracts';
import { connect } from '@hone/rpc';
import type { Addresses, Home } from './home.ts';
import { livePlatform } from './live-platform.ts';
import { startServices } from './processes.ts';

/** Clients of a platform. */
export interface Clients {
  readonly addresses: Addresses;
  readonly orchestrator: OrchestratorServiceClient;
  readonly sampler: SamplerServiceClient;
  readonly trainer: TrainerServiceClient;
  readonly trainerOperations: OperationsClient;
  readonly evaluator: EvaluatorServiceClient;
}

function clientsOf(addresses: Addresses): { clients: Clients; close(): void } {
  const connected = {
    orchestrator: connect(OrchestratorServiceClient, addresses.orchestrator),
    sampler: connect(SamplerServiceClient, addresses.sampler),
    trainer: connect(TrainerServiceClient, addresses.trainer),
    trainerOperations: connect(OperationsClient, addresses.trainer),
    evaluator: connect(EvaluatorServiceClient, addresses.evaluator),
  };
  const close = (): void => Object.values(connected).forEach((client) => client.close());
  return { clients: { addresses, ...connected }, close };
}

/** What a command is run with. */
export interface PlatformOptions {
  readonly home: Home;
  /** Called when services have to be started. */
  readonly onStart?: (() => void) | undefined;
}

/**
 * Runs `work` with clients of the platform that is up in this home; where none is, services are started on free ports and
 * ended behind it.
 */
export async function withPlatform<Result>(
  { home, onStart }: PlatformOptions,
  work: (clients: Clients) => Promise<Result>,
): Promise<Result> {
  const platform = await livePlatform(home);
  if (platform) {
    const { clients, close } = clientsOf(platform.addresses);
    return work(clients).finally(close);
  }
  onStart?.();
  const services = await startServices({ home, portBase: 0 });
  home.notePlatform({ pid: process.pid, addresses: services.addresses });
  const { clients, close } = clientsOf(services.addresses);
  try {
    const broken = services.broken.then((reason) => {
      throw reason;
    });
    return await Promise.race([work(clients), broken]);
  } finally {
    home.forgetPlatform();
    close();
    await services.stop();
  }
}
