/** One scorer, as a client. */
import {
  GroupAnswersRequest,
  ListScorersRequest,
  messageOf,
  ScoreRequest,
  ScorerServiceClient,
  type Scorer,
  Verdict,
  VerdictState,
  type ScoreItem,
  type ScorerRef,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary, type CallSettings } from '@hone/rpc';
import { checkVerdicts } from './check-verdicts.ts';
import { byText, checkGroups } from './group-answers.ts';
import type { Judge, JudgeOptions, Judgement } from './judge.ts';

const DEFAULT_TIMEOUT_MS = 600_000;

/** The scorer that a reference names; one without an address is the deployment's own. */
export class OneScorer implements Judge {
  constructor(
    private readonly ref: ScorerRef,
    private readonly options: JudgeOptions,
  ) {}

  async judge(items: readonly ScoreItem[], signal?: AbortSignal): Promise<Judgement> {
    const { name: scorer, config } = this.ref;
    const timeoutMs = this.ref.timeoutMs || DEFAULT_TIMEOUT_MS;
    const { explain = false } = this.options;
    const request = messageOf(ScoreRequest, { scorer, config, items: [...items], explain });
    try {
      const settings = { signal, timeoutMs };
      const { verdicts, usage } = await this.call((client) => callUnary(client, 'score', request, settings), signal);
      checkVerdicts(scorer, items, verdicts);
      return { verdicts, usage: usage ? [usage] : [] };
    } catch (thrown) {
      const late = thrown instanceof HoneError && thrown.code === 'DEADLINE_EXCEEDED';
      if (!late) throw thrown;
      return { verdicts: items.map(({ id }) => this.lateVerdict(id, timeoutMs)), usage: [] };
    }
  }

  async groupAnswers(sets: readonly (readonly string[])[], signal?: AbortSignal): Promise<number[][]> {
    const { name: scorer, config } = this.ref;
    const timeoutMs = this.ref.timeoutMs || DEFAULT_TIMEOUT_MS;
    const groups: number[][] = [];
    for (let from = 0; from < sets.length;) {
      const piece = pieceOf(sets, from);
      from += piece.length;
      const request = messageOf(GroupAnswersRequest, {
        scorer,
        config,
        sets: piece.map((answers) => ({ answers: [...answers] })),
      });
      try {
        const settings = { signal, timeoutMs };
        const response = await this.call((client) => callUnary(client, 'groupAnswers', request, settings), signal);
        const first = response.sets.map((set) => set.first);
        checkGroups(scorer, piece, first);
        groups.push(...first);
      } catch (thrown) {
        // Scorers of before, and those that know texts only.
        if (!(thrown instanceof HoneError) || thrown.code !== 'UNIMPLEMENTED') throw thrown;
        return sets.map(byText);
      }
    }
    return groups;
  }

  /** The version that the server lists; empty where it does not say. */
  async version(signal?: AbortSignal): Promise<string> {
    const timeoutMs = this.ref.timeoutMs || DEFAULT_TIMEOUT_MS;
    try {
      const scorers = await this.list({ signal, timeoutMs });
      return scorers?.find(({ name }) => name === this.ref.name)?.version ?? '';
    } catch (thrown) {
      if (thrown instanceof HoneError && thrown.code === 'DEADLINE_EXCEEDED') return '';
      throw thrown;
    }
  }

  /** The scorers of the server; undefined where it does not say. */
  async list(settings: CallSettings): Promise<Scorer[] | undefined> {
    try {
      const request = ListScorersRequest.fromPartial({});
      const { scorers } = await this.call(
        (client) => callUnary(client, 'listScorers', request, settings),
        settings.signal,
      );
      return scorers;
    } catch (thrown) {
      if (thrown instanceof HoneError && thrown.code === 'UNIMPLEMENTED') return undefined;
      throw thrown;
    }
  }

  /** A scorer keeps nothing between calls, so any of its replicas answers. */
  private call<Result>(
    work: (client: ScorerServiceClient) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    return this.options.servers.at('scorer', this.ref).call(ScorerServiceClient, work, { signal });
  }

  /** A scorer that does not answer has not said that anything is wrong. */
  private lateVerdict(id: string, timeoutMs: number): Verdict {
    const { name: scorer } = this.ref;
    const message = `scorer "${scorer}" did not answer within ${timeoutMs} ms`;
    return messageOf(Verdict, { id, scorer, message, state: VerdictState.ERROR });
  }
}

const MAX_SETS = 256;
/** Messages are limited to 4 MiB; every UTF-16 code unit is at most three bytes of UTF-8. */
const MAX_CHARACTERS = 1_000_000;

/** The sets of one call. */
function pieceOf(sets: readonly (readonly string[])[], from: number): readonly (readonly string[])[] {
  let characters = 0;
  let to = from;
  while (to < sets.length && to - from < MAX_SETS) {
    characters += sets[to]!.reduce((sum, answer) => sum + answer.length + 4, 0);
    if (to > from && characters > MAX_CHARACTERS) break;
    to += 1;
  }
  return sets.slice(from, to);
}
