/** What the conformance kit asks a scorer, and what it may rely on. */
import {
  FinishReason,
  ListScorersRequest,
  messageOf,
  ScoreItem,
  ScoreRequest,
  ScorerServiceClient,
  VerdictState,
  type Choice,
  type Scorer,
  type Verdict,
} from '@hone/contracts';
import { callUnary, connect, type CallSettings } from '@hone/rpc';
import type { ServerOptions } from '../kit.ts';

export interface ProbeOptions extends ServerOptions {
  readonly config: Readonly<Record<string, string>>;
}

/** A problem that scorers of one kind can judge. */
export interface Problem {
  readonly gold: string;
  readonly wrong: string;
  readonly choices: readonly Choice[];
}

/** For scorers of numbers and texts, and for those of labels. */
export const PROBLEMS: readonly Problem[] = [
  { gold: '12', wrong: '13', choices: [] },
  { gold: 'B', wrong: 'A', choices: ['ice', 'steam', 'rain'].map((text, index) => ({ label: 'ABC'[index]!, text })) },
];

export const isRight = ({ state, score }: Verdict): boolean => state === VerdictState.SCORED && score >= 1;

/** A scorer of a server, and a problem that it can judge. */
export class Probe {
  private readonly client: ScorerServiceClient;

  constructor(
    readonly options: ProbeOptions,
    readonly scorer: string,
    readonly problem: Problem = PROBLEMS[0]!,
  ) {
    this.client = connect(ScorerServiceClient, options.address, options.tls);
  }

  with(problem: Problem): Probe {
    return new Probe(this.options, this.scorer, problem);
  }

  item(completion: string, fields: Partial<ScoreItem> = {}): ScoreItem {
    const { gold, choices } = this.problem;
    const finishReason = FinishReason.STOP;
    return messageOf(ScoreItem, { id: 'item', completion, gold, choices: [...choices], finishReason, ...fields });
  }

  /** Judges items as they are. */
  async score(
    items: readonly ScoreItem[],
    fields: Partial<ScoreRequest> = {},
    settings: CallSettings = {},
  ): Promise<Verdict[]> {
    const { config, timeoutMs } = this.options;
    const request = messageOf(ScoreRequest, { scorer: this.scorer, config, items: [...items], ...fields });
    const { verdicts } = await callUnary(this.client, 'score', request, { timeoutMs, ...settings });
    return verdicts;
  }

  /** The verdict on one completion. */
  async judge(completion: string, fields: Partial<ScoreItem> = {}): Promise<Verdict> {
    const [verdict] = await this.score([this.item(completion, fields)]);
    if (!verdict) throw new Error('gave no verdict for an item');
    return verdict;
  }

  async list(): Promise<readonly Scorer[]> {
    const { timeoutMs } = this.options;
    return (await callUnary(this.client, 'listScorers', ListScorersRequest.fromPartial({}), { timeoutMs })).scorers;
  }

  close(): void {
    this.client.close();
  }
}

/** A verdict in words. */
export const said = ({ state, score, extractedAnswer, message }: Verdict): string =>
  `${state.replace('VERDICT_STATE_', '')}${state === VerdictState.SCORED ? ` ${score} (${extractedAnswer})` : ` ${message}`}`;
