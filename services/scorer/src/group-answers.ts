/** The RPC that says which answers are one vote. */
import type { GroupAnswersRequest, GroupAnswersResponse } from '@hone/contracts';
import { throwIfAborted } from '@hone/errors';
import { getScorer, groupAnswers } from '@hone/grading';
import type { CallContext } from '@hone/rpc';
import { Stopped, type WorkerSlots } from '@hone/workers';
import { mapConcurrently } from './map-concurrently.ts';
import { LLM_JUDGE } from './llm-judge/judge.ts';
import { checkGroupRequest } from './request-rules.ts';
import type { GroupRequest } from './worker-api.ts';

/** What one set may take; more than any that is not made to take long. */
const SET_TIMEOUT_MS = 20_000;

/** Answers that are one where their texts are. */
const byText = (answers: readonly string[]): number[] => groupAnswers({ sameAnswer: () => false }, answers);

export function groupAnswersWith(slots: WorkerSlots) {
  return async (request: GroupAnswersRequest, { signal }: CallContext): Promise<GroupAnswersResponse> => {
    const { scorer, config, sets } = request;
    // Throws where there is no such scorer or setting. A model is not asked whether answers are one.
    if (scorer !== LLM_JUDGE.name) getScorer(scorer, config);
    checkGroupRequest(request);
    const firstsOf = async (answers: readonly string[]): Promise<number[]> => {
      throwIfAborted(signal);
      return scorer === LLM_JUDGE.name ? byText(answers) : grouped(slots, { scorer, config, answers }, signal);
    };
    return {
      sets: await mapConcurrently(sets, slots.size, async ({ answers }) => ({ first: await firstsOf(answers) })),
    };
  };
}

/** Answers that cannot be compared in time are votes by their text. */
async function grouped(slots: WorkerSlots, request: GroupRequest, signal: AbortSignal): Promise<number[]> {
  if (new Set(request.answers).size < 2) return byText(request.answers);
  try {
    return await slots.run<GroupRequest, number[]>({ method: 'group', request, timeoutMs: SET_TIMEOUT_MS, signal });
  } catch (thrown) {
    if (thrown instanceof Stopped) return byText(request.answers);
    throw thrown;
  }
}
