import { nameOfKind, Evaluation, SampleResult, StepKind, TrainResponse } from '@hone/contracts';
import { expect, it } from 'vitest';
import { decodeResult, encodeResult, kindOfName, reportedResult, type Kind } from './results.ts';

const KINDS = Object.values(StepKind).filter((kind): kind is Kind => kind !== StepKind.UNSPECIFIED);

it.each(KINDS)('a result of %s is kept under a form that names its kind, and read as it was', (kind) => {
  const { codec, json } = encodeResult(kind, decodeResult(kind, `${nameOfKind(kind)}/1`, {}));
  expect(codec).toBe(`${nameOfKind(kind)}/1`);
  expect(encodeResult(kind, decodeResult(kind, codec, json))).toEqual({ codec, json });
  expect(kindOfName(nameOfKind(kind))).toBe(kind);
  expect(reportedResult(kind, decodeResult(kind, codec, json)).$case).toBe(nameOfKind(kind));
});

it('what a result says outlives its way through JSON, 64-bit numbers included', () => {
  const sampled = SampleResult.fromPartial({ problems: 3, samples: 12, truncated: 1, samplesPerProblem: 4 });
  const trained = TrainResponse.fromPartial({ steps: 7, usage: { tokens: 2n ** 53n + 1n }, warnings: ['slow'] });
  const measured = Evaluation.fromPartial({ checkpoint: 'checkpoints/a', greedy: { accuracy: 0.1, total: 10 } });
  const again = <K extends Kind>(kind: K, result: Parameters<typeof encodeResult<K>>[1]) => {
    const { codec, json } = encodeResult(kind, result);
    return decodeResult(kind, codec, JSON.parse(JSON.stringify(json)));
  };
  expect(again(StepKind.SAMPLE, sampled)).toEqual(sampled);
  expect(again(StepKind.TRAIN, trained)).toEqual(trained);
  expect(again(StepKind.EVALUATE, measured)).toEqual(measured);
});

it.each([
  ['a further version of its kind', 'sample/2'],
  ['another kind', 'score/1'],
  ['no form at all', ''],
])('a result of %s is refused, and both forms are named', (_what, codec) => {
  expect(() => decodeResult(StepKind.SAMPLE, codec, {})).toThrow(
    expect.objectContaining({
      code: 'DATA_LOSS',
      message: `a step's result of form ${codec}: cannot be read by this version, which knows sample/1`,
    }),
  );
});

it('a kind that there is not is an error of the database, not a step', () => {
  expect(() => kindOfName('distil')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});
