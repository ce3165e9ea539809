/** What somebody's server made of problems, held against the problems themselves: a rule chooses, and invents nothing. */
import {
  Example,
  RuleOutput,
  type ApplyRuleResponse,
  type JudgedProblem,
  type PreferenceGroup,
  type Rule,
  type RuleReport,
  type TrainingCompletion,
} from '@hone/contracts';
import { failedPrecondition, toHoneError, type HoneError } from '@hone/errors';
import {
  groupFrom,
  NO_SAMPLE,
  sampleExample,
  solutionCompletion,
  solutionExample,
  trainingCompletion,
} from './make-records.ts';
import { PairFigures } from './pair-figures.ts';
import { checkGroup, kindOfExample } from './record-rules.ts';

/**
 * The answers, each made anew of the problem that it is about. `problems` are those that were sent, read a second time in step with the
 * answers: so none is held until its answer comes.
 */
export async function* checkedAnswers(
  rule: Rule,
  answers: AsyncIterable<ApplyRuleResponse>,
  problems: AsyncGenerator<JudgedProblem, void>,
  problemsSent: () => number,
): AsyncGenerator<ApplyRuleResponse, void, undefined> {
  const check = new AnswerCheck(rule, problems);
  try {
    for await (const { message, usage } of answers) {
      if (message?.$case === 'group') {
        yield { message: { $case: 'group', value: await check.group(message.value) }, usage };
      } else if (message?.$case === 'example') {
        yield { message: { $case: 'example', value: await check.example(message.value) }, usage };
      } else if (message?.$case === 'report') {
        yield { message: { $case: 'report', value: check.report(message.value, problemsSent()) }, usage };
      } else throw badRule(rule.name, 'gives an answer with nothing in it');
    }
  } finally {
    await problems.return();
  }
}

class AnswerCheck {
  private readonly rule: Rule;
  private readonly problems: AsyncGenerator<JudgedProblem, void>;
  private current: JudgedProblem | undefined;
  /** What of the current problem was answered: "group", or ids of examples. */
  private readonly answered = new Set<string>();
  private readonly made = new PairFigures();
  private examples = 0;
  private reported = false;

  constructor(rule: Rule, problems: AsyncGenerator<JudgedProblem, void>) {
    this.rule = rule;
    this.problems = problems;
  }

  async group(given: PreferenceGroup): Promise<PreferenceGroup> {
    this.requireKind(RuleOutput.PAIRS, 'pairs');
    const problem = await this.problem(given.problemId, 'group');
    this.requireSame(given.promptTokenIds, problem.promptTokenIds, `the prompt of "${problem.problemId}"`);
    const used = given.completions.map(({ sampleIndex }) => sampleIndex);
    if (new Set(used).size < used.length) throw this.bad(`names a completion of "${problem.problemId}" twice`);
    const completions = given.completions.map((completion) => this.completionOf(problem, completion));
    const group = groupFrom(problem, completions, given.pairs);
    try {
      checkGroup(group, `group "${problem.problemId}"`);
    } catch (thrown) {
      throw this.bad(`gives what is no group (${toHoneError(thrown).message})`);
    }
    this.made.add(group);
    return group;
  }

  async example(given: Example): Promise<Example> {
    const { id, advantage } = given;
    if (advantage === undefined) this.requireKind(RuleOutput.EXAMPLES, 'examples');
    else this.requireKind(RuleOutput.ADVANTAGES, 'advantages');
    if (advantage !== undefined && !Number.isFinite(advantage))
      throw this.bad(`gives "${id}" the advantage ${advantage}`);
    this.examples += 1;
    return advantage !== undefined || kindOfExample(given) === 'tokens' ? this.sample(given) : this.solution(given);
  }

  /** The report, if it agrees with what was given. */
  report(given: RuleReport, problemsSent: number): RuleReport {
    const { name, version } = this.rule;
    const figures = this.made.figures();
    const due = { rule: `${name}/${version}`, problems: problemsSent, pairs: figures.pairs, examples: this.examples };
    for (const field of ['rule', 'problems', 'pairs', 'examples'] as const)
      if (given[field] !== due[field]) throw this.bad(`reports ${field} ${given[field]}, but it is ${due[field]}`);
    this.reported = true;
    return { ...given, ...figures };
  }

  private async sample(given: Example): Promise<Example> {
    const [, problemId, index] = /^(.*)#(\d{1,9})$/s.exec(given.id) ?? [];
    if (problemId === undefined)
      throw this.bad(`gives an example with the id "${given.id}", which is of no completion`);
    const problem = await this.problem(problemId, given.id);
    this.requireSame(given.promptTokenIds, problem.promptTokenIds, `the prompt of "${problemId}"`);
    const at = this.sampleOf(problem, Number(index), given.completionTokenIds);
    return sampleExample(problem, at, given.advantage);
  }

  private async solution(given: Example): Promise<Example> {
    const problem = await this.problem(given.id, given.id);
    if (!problem.problem?.solution) throw this.bad(`gives a solution of "${given.id}", which has none`);
    const example = solutionExample(problem);
    if (Buffer.compare(Example.encode(given).finish(), Example.encode(example).finish()) === 0) return example;
    throw this.bad(`gives other texts for "${given.id}" than its prompt and solution`);
  }

  private requireKind(kind: RuleOutput, name: string): void {
    if (this.reported) throw this.bad('goes on behind its report');
    if (this.rule.produces !== kind) throw this.bad(`gives ${name}, which it does not list`);
  }

  /** The problem of this id, which must not lie before the last one that was answered for; `answer` may come once. */
  private async problem(id: string, answer: string): Promise<JudgedProblem> {
    while (this.current?.problemId !== id) {
      const { done, value } = await this.problems.next();
      if (done) throw this.bad(`answers for problem "${id}", which was not asked or has had its turn`);
      this.current = value;
      this.answered.clear();
    }
    if (this.answered.has(answer)) throw this.bad(`answers twice for "${answer === 'group' ? id : answer}"`);
    this.answered.add(answer);
    return this.current;
  }

  /** What is known of a completion that is named by its sample index and tokens, or of the solution. */
  private completionOf(problem: JudgedProblem, given: TrainingCompletion): TrainingCompletion {
    const { sampleIndex, tokenIds, text } = given;
    if (sampleIndex !== NO_SAMPLE)
      return trainingCompletion(problem.completions[this.sampleOf(problem, sampleIndex, tokenIds)]!.completion!);
    if (!problem.problem?.solution) throw this.bad(`gives a solution of "${problem.problemId}", which has none`);
    if (text !== problem.problem.solution)
      throw this.bad(`gives another text for the solution of "${problem.problemId}"`);
    return solutionCompletion(problem);
  }

  /** Where the completion of this sample index stands. */
  private sampleOf({ problemId, completions }: JudgedProblem, sampleIndex: number, tokenIds: Uint8Array): number {
    const at = completions.findIndex(({ completion }) => completion?.sampleIndex === sampleIndex);
    if (at < 0) throw this.bad(`names sample ${sampleIndex} of "${problemId}", which has none of this number`);
    this.requireSame(tokenIds, completions[at]!.completion!.tokenIds, `sample ${sampleIndex} of "${problemId}"`);
    return at;
  }

  private requireSame(given: Uint8Array, known: Uint8Array, what: string): void {
    if (Buffer.compare(given, known) !== 0) throw this.bad(`gives other tokens for ${what} than it was sent`);
  }

  private bad(what: string): Error {
    return badRule(this.rule.name, what);
  }
}

/** Somebody's rule broke its contract. */
export const badRule = (name: string, what: string): HoneError =>
  failedPrecondition('BAD_RULE', `rule "${name}" breaks its contract: it ${what}; mend that rule`);
