/** What is said of a run whose samples give nothing to train on. */
import { isRight, VerdictState, type JudgedCompletion, type JudgedProblem, type RuleReport } from '@hone/contracts';
import { failedPrecondition, type HoneError } from '@hone/errors';

/** Enough to see what went wrong, little enough for a message. */
const EXAMPLES = 3;
/** Of a completion its end is shown, where the answer should stand. */
const SHOWN_CHARACTERS = 120;

/** A completion that is not right. */
export interface WrongExample extends JudgedCompletion {
  readonly problemId: string;
}

/** The first completions that are not right, of different problems as far as there are. */
export async function wrongExamples(problems: AsyncIterable<JudgedProblem>): Promise<WrongExample[]> {
  const first: WrongExample[] = [];
  const further: WrongExample[] = [];
  for await (const { problemId, completions } of problems) {
    const wrong = completions.filter(({ verdict }) => !isRight(verdict!));
    const [one, ...others] = wrong.slice(0, EXAMPLES).map((judged) => ({ problemId, ...judged }));
    if (one) first.push(one);
    further.push(...others.slice(0, EXAMPLES - further.length));
    if (first.length === EXAMPLES) break;
  }
  return [...first, ...further].slice(0, EXAMPLES);
}

/** Nothing could be built: why, by counts and examples, and what in the settings to change. */
export function nothingToTrainOn(report: RuleReport, examples: readonly WrongExample[]): HoneError {
  const { problems, problemsAllRight, problemsAllWrong, problemsEmpty, completions } = report;
  const { correct, wrong, unscorable, truncated, error } = completions!;
  const counts = { problems, problemsAllRight, problemsAllWrong, problemsEmpty, correct, wrong, unscorable, truncated };
  const quoted = examples.length > 0 ? ` For example ${examples.map(quote).join('; ')}.` : '';
  return failedPrecondition(
    'NO_PAIRS',
    `no pair could be built, so there is nothing to train on. Pair report: ${problems} problems, of which ` +
      `${problemsAllRight} with right answers only, ${problemsAllWrong} with none, ${problemsEmpty} with nothing usable; ` +
      `completions: ${correct} right, ${wrong} wrong, ${unscorable} without a readable answer, ${truncated} cut off, ` +
      `${error} not judged.${quoted} ${advice(report)}`,
    Object.fromEntries(Object.entries({ ...counts, error }).map(([name, count]) => [snakeCase(name), String(count)])),
  );
}

/** problemsAllRight -> problems_all_right, as in the contract. */
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function quote({ problemId, completion, verdict }: WrongExample): string {
  const { sampleIndex, text } = completion!;
  return `problem "${problemId}", sample ${sampleIndex}: ${JSON.stringify(endOf(text))} (${said(verdict!)})`;
}

/** The end of a text, on one line. */
function endOf(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  if (characters.length <= SHOWN_CHARACTERS) return characters.join('');
  return `…${characters.slice(-SHOWN_CHARACTERS).join('')}`;
}

function said({
  state,
  score,
  extractedAnswer,
  normalGold,
  message,
}: NonNullable<JudgedCompletion['verdict']>): string {
  if (state === VerdictState.SCORED && extractedAnswer === '') return `scored ${score.toFixed(2)}`;
  if (state === VerdictState.SCORED) return `read as ${endOf(extractedAnswer)}, right is ${endOf(normalGold)}`;
  if (state === VerdictState.TRUNCATED) return 'cut off before an answer';
  if (state === VerdictState.ERROR) return `not judged: ${endOf(message)}`;
  return `no answer could be read${message === '' ? '' : `: ${endOf(message)}`}`;
}

function advice(report: RuleReport): string {
  if (report.problems > 0 && report.dropped['without_solution'] === report.problems)
    return 'The rule takes worked solutions, which these problems do not have.';
  const { unjudged = 0, undecided = 0, disputed = 0 } = report.dropped;
  const compared = unjudged + undecided + disputed;
  if (compared > 0)
    return (
      `Of ${compared} comparisons people found neither better in ${undecided}, disagreed about ${disputed} and did not judge ${unjudged}: ` +
      whatToChange(report)
    );
  return `A pair needs a right and a wrong completion of the same problem: ${whatToChange(report)}`;
}

/** What in the settings to change, so that more problems give pairs. */
export function whatToChange({ problemsAllRight, problemsAllWrong, completions, dropped }: RuleReport): string {
  if (dropped['unjudged'] || dropped['undecided'] || dropped['disputed'])
    return 'ask people of more problems, or of samples that differ more.';
  const { unscorable, truncated, correct, wrong, error } = completions!;
  if (error > correct + wrong + unscorable + truncated) return 'see why most could not be judged.';
  if (truncated > correct + wrong + unscorable) return 'raise sampling.max_tokens.';
  if (unscorable > correct + wrong) return 'check that the prompt asks for the answer format that the scorer reads.';
  if (problemsAllWrong > problemsAllRight) return 'use easier problems, more samples_per_problem, or a better base.';
  return 'use harder problems, more samples_per_problem, or a higher sampling.temperature.';
}
