/** What the conformance kit asks a dataset rule, and what it may rely on. */
import {
  ApplyRuleRequest,
  Example,
  ListRulesRequest,
  messageOf,
  PreferenceGroup,
  RuleServiceClient,
  type ApplyRuleResponse,
  type JudgedProblem,
  type PartialMessage,
  type Rule,
  type RuleReport,
} from '@hone/contracts';
import { callBidi, callUnary, connect, type CallSettings } from '@hone/rpc';
import type { ServerOptions } from '../kit.ts';

export type Settings = Readonly<Record<string, unknown>>;

export interface RuleProbeOptions extends ServerOptions {
  /** Settings that every call is made with. */
  readonly settings: Settings;
  /** How many problems are sent to see whether they stream; absent means 10,000. */
  readonly manyProblems?: number;
}

/** What a rule made of problems. */
export interface Applied {
  /** Groups and examples as bytes in hexadecimal, by the problem that they are of, so that they can be compared. */
  readonly byProblem: ReadonlyMap<string, readonly string[]>;
  readonly report: RuleReport;
}

export type Request = PartialMessage<ApplyRuleRequest>;

/** A rule of a server. */
export class RuleProbe {
  readonly client: RuleServiceClient;
  private readonly own: boolean;

  constructor(
    readonly options: RuleProbeOptions,
    readonly rule: Rule,
    client?: RuleServiceClient,
  ) {
    this.own = client === undefined;
    this.client = client ?? connect(RuleServiceClient, options.address, options.tls);
  }

  config(settings: Settings = this.options.settings, seed = 5n): Request {
    return { message: { $case: 'config', value: { rule: this.rule.name, settings, seed } } };
  }

  /** Any stream of requests; gives the answers as they come. */
  stream(requests: AsyncIterable<Request>, settings: CallSettings = {}): AsyncGenerator<ApplyRuleResponse> {
    async function* messages() {
      for await (const request of requests) yield messageOf(ApplyRuleRequest, request);
    }
    const { timeoutMs } = this.options;
    return callBidi(this.client, 'applyRule', messages(), { timeoutMs, ...settings });
  }

  /** What comes of these requests; throws where the call fails. */
  async answers(requests: readonly Request[], settings: CallSettings = {}): Promise<ApplyRuleResponse[]> {
    async function* all() {
      yield* requests;
    }
    const answers: ApplyRuleResponse[] = [];
    for await (const answer of this.stream(all(), settings)) answers.push(answer);
    return answers;
  }

  /** Applies the rule to problems. */
  async apply(problems: readonly JudgedProblem[], settings?: Settings): Promise<Applied> {
    const requests = problems.map((value): Request => ({ message: { $case: 'problem', value } }));
    const answers = await this.answers([this.config(settings), ...requests]);
    const last = answers.pop()?.message;
    if (last?.$case !== 'report') throw new Error('the last answer is no report');
    const byProblem = new Map<string, string[]>();
    for (const { message } of answers) {
      if (message?.$case !== 'group' && message?.$case !== 'example')
        throw new Error('an answer before the report is neither group nor example');
      const id = message.$case === 'group' ? message.value.problemId : problemOfExample(message.value);
      const bytes = message.$case === 'group' ? PreferenceGroup.encode(message.value) : Example.encode(message.value);
      byProblem.set(id, [...(byProblem.get(id) ?? []), Buffer.from(bytes.finish()).toString('hex')]);
    }
    return { byProblem, report: last.value };
  }

  close(): void {
    if (this.own) this.client.close();
  }
}

const problemOfExample = ({ id }: Example): string => id.replace(/#\d+$/, '');

/** The rules of a server. */
export async function listRules({ address, tls, timeoutMs }: ServerOptions): Promise<Rule[]> {
  const client = connect(RuleServiceClient, address, tls);
  try {
    return (await callUnary(client, 'listRules', ListRulesRequest.fromPartial({}), { timeoutMs })).rules;
  } finally {
    client.close();
  }
}
