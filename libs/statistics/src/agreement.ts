/** How far several people judge alike. */

/** What is found of labels that people gave to units. Undefined where nothing can be said. */
export interface Agreement {
  /** Units that have two labels or more: the others say nothing. */
  readonly units: number;
  /** Share of pairs of labels of the same unit that are equal, 0 to 1: the mean over units. */
  readonly share: number | undefined;
  /** Krippendorff's alpha for nominal data; undefined also where all labels are the same. */
  readonly alpha: number | undefined;
}

/** How often each label occurs. */
function countsOf(labels: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** Ordered pairs of equal labels among so many of each kind. */
const equalPairs = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count * (count - 1), 0);

/**
 * Agreement about units, each with the labels that people gave it. Alpha is 1 - D_o / D_e of the coincidences of labels (K. Krippendorff,
 * Computing Krippendorff's Alpha-Reliability, 2011, section C: nominal data, any number of observers, missing data).
 */
export function agreementOf(units: Iterable<readonly string[]>): Agreement {
  let [count, shares, coincidences, n] = [0, 0, 0, 0];
  const all = new Map<string, number>();
  for (const labels of units) {
    const m = labels.length;
    if (m < 2) continue;
    const counts = countsOf(labels);
    count += 1;
    n += m;
    shares += equalPairs(counts) / (m * (m - 1));
    coincidences += equalPairs(counts) / (m - 1);
    for (const [label, times] of counts) all.set(label, (all.get(label) ?? 0) + times);
  }
  if (count === 0) return { units: 0, share: undefined, alpha: undefined };
  const expected = equalPairs(all);
  const alpha = all.size < 2 ? undefined : ((n - 1) * coincidences - expected) / (n * (n - 1) - expected);
  return { units: count, share: shares / count, alpha };
}
