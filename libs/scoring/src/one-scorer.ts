/** One scorer, as a client. */
import {
  ListScorersRequest,
  messageOf,
  ScoreRequest,
  ScorerServiceClient,
  Verdict,
  VerdictState,
  type ScoreItem,
  type ScorerRef,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary, connect } from '@hone/rpc';
import { checkVerdicts } from './check-verdicts.ts';
import type { Judge, Judgement } from './judge.ts';

const DEFAULT_TIMEOUT_MS = 600_000;

/** The scorer that a reference names; an empty address means the one at `ownAddress`. */
export class OneScorer implements Judge {
  private readonly client: ScorerServiceClient;

  constructor(
    private readonly ref: ScorerRef,
    ownAddress: string,
  ) {
    this.client = connect(ScorerServiceClient, ref.address || ownAddress, ref.tls);
  }

  async judge(items: readonly ScoreItem[], signal?: AbortSignal): Promise<Judgement> {
    const { name: scorer, config } = this.ref;
    const timeoutMs = this.ref.timeoutMs || DEFAULT_TIMEOUT_MS;
    const request = messageOf(ScoreRequest, { scorer, config, items: [...items] });
    try {
      const { verdicts, usage } = await callUnary(this.client, 'score', request, { signal, timeoutMs });
      checkVerdicts(scorer, items, verdicts);
      return { verdicts, usage: usage ? [usage] : [] };
    } catch (thrown) {
      const late = thrown instanceof HoneError && thrown.code === 'DEADLINE_EXCEEDED';
      if (!late) throw thrown;
      return { verdicts: items.map(({ id }) => this.lateVerdict(id, timeoutMs)), usage: [] };
    }
  }

  /** The version that the server lists; empty where it does not say. */
  async version(signal?: AbortSignal): Promise<string> {
    const timeoutMs = this.ref.timeoutMs || DEFAULT_TIMEOUT_MS;
    const request = ListScorersRequest.fromPartial({});
    try {
      const { scorers } = await callUnary(this.client, 'listScorers', request, { signal, timeoutMs });
      return scorers.find(({ name }) => name === `scorers/${this.ref.name}`)?.version ?? '';
    } catch (thrown) {
      const silent = thrown instanceof HoneError && ['UNIMPLEMENTED', 'DEADLINE_EXCEEDED'].includes(thrown.code);
      if (silent) return '';
      throw thrown;
    }
  }

  close(): void {
    this.client.close();
  }

  /** A scorer that does not answer has not said that anything is wrong. */
  private lateVerdict(id: string, timeoutMs: number): Verdict {
    const { name: scorer } = this.ref;
    const message = `scorer "${scorer}" did not answer within ${timeoutMs} ms`;
    return messageOf(Verdict, { id, scorer, message, state: VerdictState.ERROR });
  }
}
