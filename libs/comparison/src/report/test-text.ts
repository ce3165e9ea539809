/** A paired test, in a sentence and for programs. */
import { sideText, type PairedTest } from '../paired-test.ts';
import { pText, signedPoints } from './numbers.ts';

export function testSentence({ first, second, difference, interval, seeds, problems, mcNemar }: PairedTest): string {
  const spread = difference.count < 2 ? '' : ` ± ${(100 * difference.sd).toFixed(1)} over ${seeds.length} seeds`;
  const p = pText(mcNemar.pValue);
  return (
    `${sideText(first)} - ${sideText(second)}: ${signedPoints(difference.mean)} points${spread}, ` +
    `95 % [${signedPoints(interval.lower)}, ${signedPoints(interval.upper)}] of ${problems} problems; ` +
    `${mcNemar.firstOnly} right in the first alone, ${mcNemar.secondOnly} in the second alone, p ${p.startsWith('<') ? p : `= ${p}`}.`
  );
}

export const pairedDocument = ({ first, second, seeds, difference, interval, problems, mcNemar }: PairedTest) => ({
  first,
  second,
  // first - second.
  difference: difference.mean,
  sd_over_seeds: difference.sd,
  interval: [interval.lower, interval.upper],
  seeds,
  problems,
  mcnemar: { first_only: mcNemar.firstOnly, second_only: mcNemar.secondOnly, p_value: mcNemar.pValue },
});
