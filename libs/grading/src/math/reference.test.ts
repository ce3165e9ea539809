import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { getScorer } from '../index.ts';
import { compareAnswers } from './same.ts';

const math = getScorer('math');

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared');

const read = (file: string): string => readFileSync(path.join(reference, file), 'utf8');
const readLines = <T>(file: string): T[] =>
  read(file)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

function isRight(completion: string, gold: string): boolean {
  const verdict = math.score({ completion, gold, truncated: false, choices: [] });
  return verdict.state === 'SCORED' && verdict.score === 1;
}

interface Labelled {
  readonly gold: string;
  readonly answer: string;
  readonly equal: boolean;
  readonly options?: { readonly precision?: number; readonly allow_set_relation_comp?: boolean };
}

// docs/scorers.md says which rows differ, and why.
describe.skipIf(!existsSync(reference))('against labels of others (needs HONE_REFERENCE_DATA)', () => {
  it('every pair is judged as people judge it', () => {
    const { items } = JSON.parse(read('golden/grading/math_pairs.json')) as {
      items: { pred: string; gold: string; human_equivalent: 0 | 1 | null }[];
    };
    const labelled = items.filter((item) => item.human_equivalent !== null);
    const wrong = labelled.filter(
      (item) => compareAnswers(item.gold, item.pred).equal !== (item.human_equivalent === 1),
    );
    expect(labelled.length).toBeGreaterThan(300);
    expect(wrong).toEqual([]);
  });

  it('what users tried and found wrong is judged as expected', () => {
    const rows = readLines<{ kind: string; scorer?: string; completion: string; gold: string; expect: string }>(
      'data/trials/inputs.jsonl',
    ).filter((row) => row.scorer === 'math' && row.kind.startsWith('math:'));
    const stateOf = (row: { completion: string; gold: string }): string => {
      const verdict = math.score({ completion: row.completion, gold: row.gold, truncated: false, choices: [] });
      return verdict.state === 'SCORED' ? (verdict.score === 1 ? 'right' : 'wrong') : verdict.state.toLowerCase();
    };
    expect(rows.length).toBeGreaterThan(25);
    expect(rows.filter((row) => stateOf(row) !== row.expect)).toEqual([]);
  });

  it('every completion is judged as people judge it', () => {
    const { items } = JSON.parse(read('golden/grading/math_completions.json')) as {
      items: { completion: string; gold: string; human_correct: 0 | 1 | null }[];
    };
    const labelled = items.filter((item) => item.human_correct !== null);
    expect(labelled.filter((item) => isRight(item.completion, item.gold) !== (item.human_correct === 1))).toEqual([]);
  });

  it("Math-Verify's own tests hold but for its options of rounding and of refusing relations", () => {
    const rows = readLines<Labelled>('data/oracles/math_verify.jsonl');
    const wrong = rows.filter((row) => isRight(row.answer, row.gold) !== row.equal);
    const hasOption = ({ options }: Labelled): boolean =>
      (options?.precision ?? 6) < 6 || options?.allow_set_relation_comp === false;
    expect(wrong.filter((row) => !hasOption(row))).toEqual([]);
    expect(1 - wrong.length / rows.length).toBeGreaterThanOrEqual(0.97);
  });

  it('the equality tests of the MATH authors hold but for the order of lists', () => {
    const rows = readLines<Labelled & { readonly case: string }>('data/oracles/hendrycks_math_equivalence.jsonl');
    const wrong = rows.filter((row) => compareAnswers(row.gold, row.answer).equal !== row.equal);
    expect(wrong.map((row) => row.case)).toEqual(['test_order', 'test_decimals']);
  });

  it('outputs of Qwen2.5-Math are judged as its authors judged them', () => {
    const rows = readLines<{ output: string; gold: string; correct: boolean }>(
      'data/oracles/math_graded_outputs_qwen.jsonl',
    );
    const wrong = rows.filter((row) => isRight(row.output, row.gold) !== row.correct);
    expect(wrong.length / rows.length).toBeLessThanOrEqual(0.01);
  });

  it('the solutions of MATH are right for their own answers, and so are the answers', () => {
    const rows = ['train', 'test'].flatMap((split) =>
      readLines<{ answer: string; solution?: string }>(`data/math/${split}.jsonl`),
    );
    // Two problems have no answer in the data.
    const answered = rows.filter((row) => row.answer !== '');
    expect(rows.length - answered.length).toBe(2);
    expect(answered.filter((row) => !isRight(`\\boxed{${row.answer}}`, row.answer))).toEqual([]);
    const solved = answered.filter((row) => row.solution);
    const wrong = solved.filter((row) => !isRight(row.solution!, row.answer));
    expect(solved.length).toBeGreaterThan(8000);
    expect(wrong.length / solved.length).toBeLessThanOrEqual(0.002);
  });
});
