import { ScorerServiceService } from '@hone/contracts';
import {
  descriptionOf,
  descriptionService,
  judgeReach,
  unary,
  type ReachSettings,
  type ServiceOptions,
  type ServiceParts,
} from '@hone/rpc';
import { WorkerSlots } from '@hone/workers';
import { groupAnswersWith } from './group-answers.ts';
import { listScorers } from './list-scorers.ts';
import { scoreWith } from './score.ts';

type ScorerOptions = Pick<ServiceOptions, 'threads' | 'logger'> & ReachSettings;

/** While the verdicts of one call go out, the next one's are judged. */
const CAPACITY = 2;
/** What a parser may take before its process ends. */
const HEAP_FLAG = '--max-old-space-size=512';

/** The scorer: stateless, so that any number of replicas answer alike. `workerEntry` is the built worker. */
export async function createScorerService(
  options: ScorerOptions,
  workerEntry = new URL('./worker.mjs', import.meta.url),
): Promise<ServiceParts> {
  const slots = new WorkerSlots(workerEntry, options.threads, { logger: options.logger, execArgv: [HEAP_FLAG] });
  const implementation = {
    score: unary(scoreWith(slots, judgeReach(options))),
    groupAnswers: unary(groupAnswersWith(slots)),
    listScorers: unary(listScorers),
  };
  const services = [
    { definition: ScorerServiceService, implementation },
    descriptionService(descriptionOf('scorer', { capacity: CAPACITY })),
  ];
  return { services, close: () => slots.close() };
}
