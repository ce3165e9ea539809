import { expect, test } from 'vitest';
import { agreementOf } from './agreement.ts';
import { Random } from './random.ts';

/** 1 - D_o / D_e with every pair of labels looked at: those of the same unit, each weighted by 1 / (m - 1), and all that there are. */
function naive(units: readonly (readonly string[])[]) {
  const judged = units.filter(({ length }) => length >= 2);
  const differing = (labels: readonly string[]): number =>
    labels.flatMap((one, at) => labels.filter((other, place) => place !== at && other !== one)).length;
  const n = judged.flat().length;
  const observed = judged.reduce((sum, labels) => sum + differing(labels) / (labels.length - 1), 0) / n;
  const expected = differing(judged.flat()) / (n * (n - 1));
  const shares = judged.map((labels) => 1 - differing(labels) / (labels.length * (labels.length - 1)));
  return { share: shares.reduce((sum, share) => sum + share, 0) / judged.length, alpha: 1 - observed / expected };
}

test("Krippendorff's own example of section C: four observers, twelve units, with missing data", () => {
  const observers = ['123321412...', '1233224125.3', '.3332342251.', '12332441251.'];
  const units = [...observers[0]!].map((_, unit) =>
    observers.map((labels) => labels[unit]!).filter((it) => it !== '.'),
  );
  expect(agreementOf(units).alpha).toBeCloseTo(0.743, 3);
});

test('it is what the definition says, over any number of labels a unit', () => {
  const random = new Random(7n);
  for (let round = 0; round < 200; round++) {
    const units = Array.from({ length: 2 + Math.floor(random.uniform() * 8) }, () =>
      Array.from({ length: Math.floor(random.uniform() * 5) }, () => 'abcd'[Math.floor(random.uniform() * 4)]!),
    );
    const found = agreementOf(units);
    expect(found.units).toBe(units.filter(({ length }) => length >= 2).length);
    if (found.alpha === undefined) continue;
    const { share, alpha } = naive(units);
    expect(found.share).toBeCloseTo(share, 12);
    expect(found.alpha).toBeCloseTo(alpha, 12);
  }
});

test('nothing is said where nobody judged what another one did, nor of chance where all said the same', () => {
  expect(agreementOf([['a'], [], ['b']])).toEqual({ units: 0, share: undefined, alpha: undefined });
  expect(
    agreementOf([
      ['a', 'a'],
      ['a', 'a', 'a'],
    ]),
  ).toEqual({ units: 2, share: 1, alpha: undefined });
});
