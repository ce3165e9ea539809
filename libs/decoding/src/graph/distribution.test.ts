/** Drawn tokens follow the probabilities that Hugging Face's warpers give. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { goldenModel, greedy, openEngine, readJson, request, sampleAll } from '../test-models.ts';

interface Warped {
  readonly settings: { readonly temperature?: number; readonly top_k?: number; readonly top_p?: number };
  readonly probabilities: Readonly<Record<string, number>>;
}
interface Golden {
  readonly prompts: readonly { readonly prompt: number[] }[];
  readonly warped: readonly Warped[];
}

const DRAWS = 4000;
const golden = await readJson<Golden>(path.join(goldenModel('untied'), 'decode_golden.json'));

/** Tokens that are too rare for the statistic share a cell. */
function chiSquare(counts: ReadonlyMap<number, number>, probabilities: Warped['probabilities']) {
  let statistic = 0;
  let cells = 0;
  let rare = { expected: 0, observed: 0 };
  const add = (expected: number, observed: number): void => {
    statistic += (observed - expected) ** 2 / expected;
    cells += 1;
  };
  for (const [token, probability] of Object.entries(probabilities)) {
    const cell = { expected: probability * DRAWS, observed: counts.get(Number(token)) ?? 0 };
    if (cell.expected >= 5) add(cell.expected, cell.observed);
    else rare = { expected: rare.expected + cell.expected, observed: rare.observed + cell.observed };
  }
  if (rare.expected >= 1) add(rare.expected, rare.observed);
  return { statistic, freedom: cells - 1 };
}

test.each(golden.warped)('draws under $settings follow the probabilities', async ({ settings, probabilities }) => {
  const { engine } = await openEngine(goldenModel('untied'));
  const { temperature = 1, top_k: topK = 0, top_p: topP = 1 } = settings;
  const params = { ...greedy(1), temperature, topK, topP };
  const all = await sampleAll(engine, [request('p', golden.prompts[0]!.prompt, DRAWS)], params, 2024n);
  const counts = new Map<number, number>();
  for (const { tokenIds } of all.values()) counts.set(tokenIds[0]!, (counts.get(tokenIds[0]!) ?? 0) + 1);
  for (const token of counts.keys()) expect(probabilities).toHaveProperty(String(token));
  const { statistic, freedom } = chiSquare(counts, probabilities);
  // Mean plus four standard deviations of the chi-square distribution; the seed is fixed, so this never flickers.
  expect(statistic).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom));
  await engine.close();
});
