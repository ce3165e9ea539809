/** Problems to give a rule: of every kind that sampling and judging leave. */
import {
  FinishReason,
  messageOf,
  JudgedProblem,
  packFloat32,
  packInt32,
  PreferenceChoice,
  VerdictState,
  type JudgedCompletion,
} from '@hone/contracts';

type Kind = 'right' | 'wrong' | 'unscorable' | 'truncated' | 'error' | 'again';

/** What a problem's completions are, by the problem's number. */
const MIXES: readonly (readonly Kind[])[] = [
  ['right', 'wrong', 'right', 'wrong', 'wrong', 'again'],
  ['wrong', 'right', 'unscorable', 'truncated', 'error', 'right'],
  ['right', 'right', 'right'],
  ['wrong', 'wrong', 'unscorable'],
  ['truncated', 'error', 'truncated'],
  ['wrong', 'wrong', 'wrong', 'right'],
];

const STATES: Readonly<Record<Kind, VerdictState>> = {
  right: VerdictState.SCORED,
  wrong: VerdictState.SCORED,
  again: VerdictState.SCORED,
  unscorable: VerdictState.UNSCORABLE,
  truncated: VerdictState.TRUNCATED,
  error: VerdictState.ERROR,
};

function completionOf(problemId: string, kind: Kind, sampleIndex: number): JudgedCompletion {
  // The same as the first one, sampled again.
  const number = kind === 'again' ? 0 : sampleIndex;
  const tokens = Array.from({ length: 2 + ((number * 7) % 5) }, (_, at) => 10 + number * 10 + at);
  const isRight = kind === 'right' || kind === 'again';
  return messageOf(JudgedProblem, {
    completions: [
      {
        completion: {
          promptId: problemId,
          sampleIndex,
          tokenIds: packInt32([...tokens, 2]),
          logProbs: packFloat32([...tokens.map(() => -0.5), -0.25]),
          text: `thought ${tokens.join(' ')}. Final answer: ${isRight ? 4 : 5}`,
          finishReason: kind === 'truncated' ? FinishReason.LENGTH : FinishReason.STOP,
        },
        verdict: { id: `${problemId}#${sampleIndex}`, state: STATES[kind], score: isRight ? 1 : 0, scorer: 'kit' },
      },
    ],
  }).completions[0]!;
}

const CHOICES = [PreferenceChoice.A, PreferenceChoice.B, PreferenceChoice.A, PreferenceChoice.TIE];

/** What up to three people say, who agree on some problems. */
const judgementsOf = (number: number) =>
  Array.from({ length: number % 4 }, (_, index) => ({
    annotator: `annotator ${index}`,
    choice: CHOICES[(number + (number % 3 === 0 ? 0 : index)) % CHOICES.length]!,
  }));

/** The problem of a number: always the same; every third comes without a solution. */
export function problemOf(number: number): JudgedProblem {
  const problemId = `problem ${number}`;
  const mix = MIXES[number % MIXES.length]!;
  return messageOf(JudgedProblem, {
    problemId,
    promptTokenIds: packInt32([1, 5 + (number % 100)]),
    completions: mix.map((kind, index) => completionOf(problemId, kind, index)),
    comparisons: [{ a: 0, b: 1, judgements: judgementsOf(number) }],
    problem: {
      id: problemId,
      prompt: { id: problemId, content: { $case: 'text', value: `What is 2 + 2, for the ${number}th time?` } },
      gold: '4',
      solution: number % 3 === 2 ? '' : 'Two and two are four.\nFinal answer: 4',
    },
  });
}

/** The first of these problems. */
export const problems = (count: number): JudgedProblem[] => Array.from({ length: count }, (_, at) => problemOf(at));
