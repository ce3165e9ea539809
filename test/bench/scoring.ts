/** Verdicts a second through the scorer's RPC, with completions made up in the manner of GSM8K and MATH. */
import { FinishReason, messageOf, ScoreRequest, ScorerServiceClient, VerdictState } from '@hone/contracts';
import { callUnary, connect } from '@hone/rpc';
import { Random } from '@hone/statistics';
import { startService } from '../e2e/platform.ts';

const BATCH = 512;
/** Calls under way at a time: the service has a worker a core. */
const CALLS = 4;

interface Item {
  readonly completion: string;
  readonly gold: string;
}

/** A story of some sums; every second answer is right. */
function arithmeticItem(random: Random, index: number): Item {
  const numbers = Array.from({ length: 6 }, () => 1 + Math.floor(random.uniform() * 900));
  const lines: string[] = [];
  let sum = 0;
  for (const number of numbers) {
    lines.push(`Then there are $${sum} + ${number} = ${sum + number}, which is more than the ${sum} of before.`);
    sum += number;
  }
  const stated = (sum + (index % 2)).toLocaleString('en-US');
  return { completion: `${lines.join('\n')}\nFinal answer: $${stated}.00`, gold: String(sum) };
}

/** Pairs of answers of the kinds that MATH has; in every second completion the answer is another. */
const MATH: readonly ((n: number) => readonly [completion: string, gold: string])[] = [
  (n) => [`\\frac{${2 * n}}{${2 * n + 2}}`, `\\dfrac{${n}}{${n + 1}}`],
  (n) => [`${n}\\sqrt{2}`, `\\sqrt{${2 * n * n}}`],
  (n) => [`(x+${n})^2`, `x^2 + ${2 * n}x + ${n * n}`],
  (n) => [`\\left[${n}, \\infty\\right)`, `x \\ge ${n}`],
  (n) => [`\\{${n}, ${n + 1}, ${n + 2}\\}`, `${n + 2}, ${n}, ${n + 1}`],
  (n) => [
    `\\begin{pmatrix} ${n} & 0 \\\\ 0 & 1/2 \\end{pmatrix}`,
    `\\begin{pmatrix} ${n} & 0 \\\\ 0 & 0.5 \\end{pmatrix}`,
  ],
  (n) => [`\\sin^2 x + ${n}`, `${n + 1} - \\cos^2 x`],
  (n) => [`${n}\\text{ cm}^2`, `${n}`],
];

function mathItem(random: Random, index: number): Item {
  const n = 3 + Math.floor(random.uniform() * 90);
  const [, gold] = MATH[index % MATH.length]!(n);
  const [answer] = MATH[index % MATH.length]!(n + (Math.floor(index / MATH.length) % 2));
  const steps = Array.from(
    { length: 8 },
    (_, i) => `We note that $a_{${i}} = \\frac{${i}}{${n}} + b$, hence step ${i}.`,
  );
  return { completion: `${steps.join(' ')} Therefore the answer is $\\boxed{${answer}}$.`, gold };
}

const SCORERS = [
  { scorer: 'gsm8k', item: arithmeticItem, count: 40_960 },
  { scorer: 'math', item: mathItem, count: 20_480 },
] as const;

/** Prints the rates of those scorers that are wanted. */
export async function benchScoring(isWanted: (name: string) => boolean): Promise<void> {
  for (const { scorer, item, count } of SCORERS) {
    if (!isWanted(`scoring, ${scorer}`)) continue;
    const random = new Random(1n);
    const items = Array.from({ length: BATCH }, (_, index) => ({
      id: String(index),
      finishReason: FinishReason.STOP,
      ...item(random, index),
    }));
    const service = await startService('scorer', []);
    const client = connect(ScorerServiceClient, service.address);
    try {
      const request = messageOf(ScoreRequest, { scorer, items });
      const { verdicts } = await callUnary(client, 'score', request);
      const right = verdicts.filter(({ state, score }) => state === VerdictState.SCORED && score === 1).length;
      if (right !== BATCH / 2) throw new Error(`${right} of ${BATCH} verdicts are right, not ${BATCH / 2}`);
      const started = performance.now();
      let calls = count / BATCH;
      const caller = async (): Promise<void> => {
        while (calls-- > 0) await callUnary(client, 'score', request);
      };
      await Promise.all(Array.from({ length: CALLS }, caller));
      const seconds = (performance.now() - started) / 1000;
      console.log(`\nscoring, ${scorer}: ${(count / seconds).toFixed(0)} verdicts/s (${count} through the RPC)`);
    } finally {
      client.close();
      await service.end('SIGTERM');
    }
  }
}
