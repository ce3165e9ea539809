/** FeedbackService: the queue of what people are asked, as RPCs. */
import { FeedbackServiceService } from '@hone/contracts';
import type { Database } from '@hone/database';
import { getFeedbackProgress, listFeedbackItems, nextItem, skipItem, submitFeedback } from '@hone/feedback';
import { unary } from '@hone/rpc';

/** The queue, to be served beside the orchestrator's own calls. */
export function feedbackService(database: Database) {
  const over = <Request, Response>(operation: (database: Database, request: Request) => Promise<Response>) =>
    unary((request: Request) => operation(database, request));
  const implementation = {
    nextItem: over(nextItem),
    submitFeedback: over(submitFeedback),
    skipItem: over(skipItem),
    getFeedbackProgress: over(getFeedbackProgress),
    listFeedbackItems: over(listFeedbackItems),
  };
  return { definition: FeedbackServiceService, implementation };
}
