/** A worker process of the scorer: whatever an item does to a parser, it does it here. */
import { toHoneError } from '@hone/errors';
import { getScorer, groupAnswers, type ScoreItem, type Scorer } from '@hone/grading';
import { serveWorker } from '@hone/workers';
import type { GroupRequest, Judged, JudgeRequest, JudgeResult } from './worker-api.ts';

/** Where the scorer cannot work with an item, that is the item's verdict and does not spoil the batch. */
function judge(scorer: Scorer, item: ScoreItem): Judged {
  try {
    return scorer.score(item);
  } catch (thrown) {
    return { state: 'ERROR', message: toHoneError(thrown).message };
  }
}

serveWorker({
  judge: ({ scorer: name, config, items, budgetMs }: JudgeRequest): JudgeResult => {
    const scorer = getScorer(name, config);
    const started = performance.now();
    const before = process.cpuUsage();
    const judged: Judged[] = [];
    for (const item of items) {
      if (judged.length > 0 && performance.now() - started > budgetMs) break;
      judged.push(judge(scorer, item));
    }
    const { user, system } = process.cpuUsage(before);
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    return { judged, cpuSeconds: (user + system) / 1e6, peakMemoryBytes };
  },
  group: ({ scorer, config, answers }: GroupRequest): number[] => groupAnswers(getScorer(scorer, config), answers),
});
