import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { getScorer, type Choice } from './index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared');
const file = path.join(reference, 'data/trials/inputs.jsonl');

interface Trial {
  readonly scorer?: string;
  readonly completion: string;
  readonly gold: string;
  readonly choices?: readonly Choice[];
  readonly expect: string;
  readonly debatable?: boolean;
}

function said({ scorer, completion, gold, choices = [] }: Trial): string {
  const verdict = getScorer(scorer!).score({ completion, gold, choices, truncated: false });
  if (verdict.state !== 'SCORED') return verdict.state.toLowerCase();
  return verdict.score === 1 ? 'right' : 'wrong';
}

describe.skipIf(!existsSync(file))('inputs of trials (needs HONE_REFERENCE_DATA)', () => {
  // What math makes of its own notation has tests beside it.
  test.each(['gsm8k', 'choice', 'exact', 'regex'])('%s judges every input as people do', (scorer) => {
    const trials = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Trial)
      .filter((trial) => trial.scorer === scorer);
    const wrong = trials.filter((trial) => said(trial) !== trial.expect);
    expect(wrong.map((trial) => [trial.completion, said(trial)])).toEqual([]);
  });

  test('math judges inputs whose text had to be taken apart as people do', () => {
    const trials = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Trial & { readonly kind: string })
      .filter(({ scorer, kind }) => scorer === 'math' && /thinking|restated|few-shot/.test(kind));
    expect(trials.length).toBeGreaterThan(3);
    expect(trials.map((trial) => [trial.completion, said(trial)])).toEqual(
      trials.map((trial) => [trial.completion, trial.expect]),
    );
  });
});
