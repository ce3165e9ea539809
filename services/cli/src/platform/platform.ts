/** The services that a command talks to: those that are up, or its own for as long as it runs. */
import {
  EvaluatorServiceClient,
  FeedbackServiceClient,
  OperationsClient,
  OrchestratorServiceClient,
  RegistryServiceClient,
  SamplerServiceClient,
  TrainerServiceClient,
  UploadServiceClient,
} from '@hone/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { failedPrecondition, HoneError } from '@hone/errors';
import { connect } from '@hone/rpc';
import { untilInterrupted, withHeartbeat } from '@hone/terminal';
import { hone } from '../errors/advice.ts';
import type { Addresses, Home } from './home.ts';
import { livePlatform } from './live-platform.ts';
import { CREDENTIALS, findDeployment } from './deployment.ts';
import { startServices, type Services } from './processes.ts';
import { takeTurn } from './take-turn.ts';

/** Clients of a platform. */
export interface Clients {
  readonly addresses: Addresses;
  readonly orchestrator: OrchestratorServiceClient;
  /** Served by the orchestrator too. */
  readonly registry: RegistryServiceClient;
  /** Served by the orchestrator too. */
  readonly uploads: UploadServiceClient;
  /** Served by the orchestrator too. */
  readonly feedback: FeedbackServiceClient;
  readonly sampler: SamplerServiceClient;
  readonly trainer: TrainerServiceClient;
  readonly trainerOperations: OperationsClient;
  readonly evaluator: EvaluatorServiceClient;
}

function clientsOf(addresses: Addresses): { clients: Clients; close(): void } {
  const connected = {
    orchestrator: connect(OrchestratorServiceClient, addresses.orchestrator, CREDENTIALS),
    registry: connect(RegistryServiceClient, addresses.orchestrator, CREDENTIALS),
    uploads: connect(UploadServiceClient, addresses.orchestrator, CREDENTIALS),
    feedback: connect(FeedbackServiceClient, addresses.orchestrator, CREDENTIALS),
    sampler: connect(SamplerServiceClient, addresses.sampler, CREDENTIALS),
    trainer: connect(TrainerServiceClient, addresses.trainer, CREDENTIALS),
    trainerOperations: connect(OperationsClient, addresses.trainer, CREDENTIALS),
    evaluator: connect(EvaluatorServiceClient, addresses.evaluator, CREDENTIALS),
  };
  const close = (): void => Object.values(connected).forEach((client) => client.close());
  return { clients: { addresses, ...connected }, close };
}

/** What a command is run with. */
export interface PlatformOptions {
  readonly home: Home;
  /** Called when services have to be started. */
  readonly onStart?: (() => void) | undefined;
  /** Whether the command needs its services to the end: then it does not share those of another command. */
  readonly whole?: boolean;
}

/** Within this time the end of a process of ours is noticed. */
const EXIT_NOTICE_MS = 1_000;

const isUnavailable = (thrown: unknown): thrown is HoneError =>
  thrown instanceof HoneError && thrown.code === 'UNAVAILABLE';

/** The error of a call to services that were up, told plainly where they are gone. */
async function connectionLost(home: Home, thrown: unknown): Promise<unknown> {
  if (!isUnavailable(thrown) || (await livePlatform(home))) return thrown;
  const advice = `start them again with ${hone('up')}, then go on with a run by ${hone('runs resume RUN')} (${hone('runs list')})`;
  return failedPrecondition('SERVICES_GONE', `the services that were up in ${home.root} are gone: ${advice}`);
}

/** Runs `work` with clients of a deployment at another address. */
async function withDeployment<Result>(server: string, work: (clients: Clients) => Promise<Result>): Promise<Result> {
  const { clients, close } = clientsOf(await findDeployment(server));
  try {
    return await work(clients);
  } finally {
    close();
  }
}

/** Starts services for this command alone. */
async function startNoted(home: Home, started: () => void): Promise<Services> {
  try {
    const services = await startServices({ home, portBase: 0, resumeRuns: false });
    home.notePlatform({ pid: process.pid, addresses: services.addresses, command: commandOf(process.argv) });
    return services;
  } finally {
    started();
  }
}

/** Where nothing was said of a start, one that takes long is told of. */
const LONG_START_MS = 3_000;

async function startSoon(starting: Promise<Services>, isUntold: boolean): Promise<Services> {
  const tell = (): void => void process.stderr.write('starting the services …\n');
  const timer = isUntold ? setTimeout(tell, LONG_START_MS) : undefined;
  try {
    return await starting;
  } finally {
    clearTimeout(timer);
  }
}

/** "artifacts gc": the first words of a command line. */
export function commandOf([, , ...words]: readonly string[]): string {
  const home = words.indexOf('--home');
  const own = home < 0 ? words : [...words.slice(0, home), ...words.slice(home + 2)];
  const named = own.filter((word) => !word.startsWith('--home='));
  const end = named.findIndex((word) => word.startsWith('-'));
  return named.slice(0, end < 0 ? 2 : Math.min(end, 2)).join(' ');
}

/**
 * Runs `work` with clients of the deployment that --server names, else of the platform that is up in this home; where none is,
 * services are started on free ports and ended behind it.
 */
export async function withPlatform<Result>(
  { home, onStart, whole = false }: PlatformOptions,
  work: (clients: Clients) => Promise<Result>,
): Promise<Result> {
  // What needs its services to the end, or tells of their start, shows its own progress.
  const told = (clients: Clients): Promise<Result> =>
    whole || onStart ? work(clients) : withHeartbeat(commandOf(process.argv), work(clients));
  if (home.server !== undefined) return withDeployment(home.server, told);
  const turn = await takeTurn(home, { whole, onWait: (line) => void process.stderr.write(`${line}\n`) });
  if (turn.platform) {
    const { clients, close } = clientsOf(turn.platform.addresses);
    try {
      return await told(clients);
    } catch (thrown) {
      throw await connectionLost(home, thrown);
    } finally {
      close();
    }
  }
  onStart?.();
  const services = await startSoon(startNoted(home, turn.started), onStart === undefined);
  const { clients, close } = clientsOf(services.addresses);
  const broken = services.broken.then((reason) => {
    throw reason;
  });
  try {
    return await untilInterrupted(Promise.race([told(clients), broken]));
  } catch (thrown) {
    // A call may fail before the end of the service that it went to is noticed: that end is the reason to name.
    if (isUnavailable(thrown)) await Promise.race([broken, delay(EXIT_NOTICE_MS)]);
    throw thrown;
  } finally {
    // Nobody starts others on the same state before these are gone.
    const stopped = home.lockStart();
    home.forgetPlatform();
    close();
    await services.stop();
    stopped?.();
  }
}
