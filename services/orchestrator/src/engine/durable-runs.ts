/** Runs as durable workflows: DBOS keeps which steps are done in the orchestrator's own database, and goes on after a crash. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { internal } from '@hone/errors';
import type { ServiceOptions } from '@hone/rpc';
import type { Pool } from 'pg';

/**
 * Does a piece of work once: a workflow that goes on after a crash passes over what it has done. Work is done *at least* once, for
 * the process may die between the work and the note of it, so work must be safe to repeat.
 */
export type Durably = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;

/** Works on one attempt of a run, all of it by steps. */
export type ExecuteRun = (runId: string, attempt: number, durably: Durably) => Promise<void>;

/** What durable runs need. */
export interface DurableRunsOptions {
  readonly pool: Pool;
  readonly execute: ExecuteRun;
  readonly logger: ServiceOptions['logger'];
}

/** Rises when the order or the names of the steps change: workflows of another version are started anew, not gone on with. */
const WORKFLOW_VERSION = '1';
const WORKFLOW_NAME = 'run';
/** All lives of an orchestrator are one executor: only one at a time has the database. */
const EXECUTOR = 'orchestrator';

/** The library knows functions, not objects: what the registered function calls. */
let current: DurableRuns | undefined;

const workflow = DBOS.registerWorkflow(
  async (runId: string, attempt: number): Promise<void> => {
    if (!current) throw internal('a run was started while no orchestrator is open');
    await current.execute(runId, attempt);
  },
  { name: WORKFLOW_NAME },
);

const workflowIdOf = (runId: string, attempt: number): string => `${runId}/${attempt}`;
const never = new Promise<never>(() => undefined);

/** The workflows of one orchestrator; a process has at most one. */
export class DurableRuns {
  private readonly options: DurableRunsOptions;
  private closing = false;

  private constructor(options: DurableRunsOptions) {
    this.options = options;
  }

  /** Opens the workflows. Those that an earlier process left under way go on at once. */
  static async open(options: DurableRunsOptions): Promise<DurableRuns> {
    if (current) throw internal('this process has an orchestrator already');
    const { pool, logger } = options;
    DBOS.setConfig({
      name: 'hone',
      systemDatabasePool: pool,
      executorID: EXECUTOR,
      applicationVersion: WORKFLOW_VERSION,
      logger: {
        info: (entry) => logger.debug(String(entry)),
        debug: (entry) => logger.trace(String(entry)),
        warn: (entry) => logger.warn(String(entry)),
        error: (entry) => logger.error(entry instanceof Error ? { err: entry } : String(entry)),
      },
    });
    const runs = (current = new DurableRuns(options));
    try {
      await DBOS.launch();
      return runs;
    } catch (thrown) {
      current = undefined;
      throw thrown;
    }
  }

  /** Starts an attempt of a run; one that is at work already stays so. */
  async start(runId: string, attempt: number): Promise<void> {
    await DBOS.startWorkflow(workflow, { workflowID: workflowIdOf(runId, attempt) })(runId, attempt);
  }

  /** Whether an attempt is at work, or will be by itself. */
  async isUnderWay(runId: string, attempt: number): Promise<boolean> {
    const status = await DBOS.getWorkflowStatus(workflowIdOf(runId, attempt));
    const lives = status?.status === 'PENDING' || status?.status === 'ENQUEUED';
    return lives && status.applicationVersion === WORKFLOW_VERSION;
  }

  /** Forgets the steps of attempts that have ended: the run's own rows tell all of them. */
  async forgetEnded(): Promise<void> {
    const ended = await DBOS.listWorkflows({
      workflowName: WORKFLOW_NAME,
      status: ['SUCCESS', 'ERROR', 'CANCELLED'],
      loadInput: false,
      loadOutput: false,
    });
    await DBOS.deleteWorkflows(ended.map(({ workflowID }) => workflowID));
  }

  /** Leaves all workflows as a crash would, to be gone on with by the next process. */
  async close(): Promise<void> {
    this.closing = true;
    await DBOS.shutdown();
    current = undefined;
  }

  /** @internal */
  async execute(runId: string, attempt: number): Promise<void> {
    const durably: Durably = (name, work) => DBOS.runStep(() => this.unlessClosing(work), { name });
    await this.unlessClosing(() => this.options.execute(runId, attempt, durably));
  }

  /** An error of work that ends with the process must not be kept as the work's outcome: it stays unfinished. */
  private async unlessClosing<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work();
      return this.closing ? await never : result;
    } catch (thrown) {
      if (this.closing) return never;
      throw thrown;
    }
  }
}
