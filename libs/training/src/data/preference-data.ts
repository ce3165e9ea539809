/**
 * Preference groups as the loop takes them: by batches of pairs (or labels) or of problems, with a reference log-prob for every completion where
 * the loss needs one.
 * Only a few numbers a group stay in memory; the groups themselves are read again when their batch comes.
 */
import { throwIfAborted } from '@hone/errors';
import { itemsOf, type GroupItems, type Item } from './items.ts';
import type { LogProbGap } from '../log-prob-gap.ts';
import { ReferenceLogProbs, type KnownLogProbs, type ReferenceOptions } from '../reference.ts';
import type { Model } from '../step-runner.ts';
import type { PreferenceGroup, Source } from '../types.ts';

/** Where each group's pairs or labels and its completions begin among those of all groups; one more entry tells where the last ones end. */
interface Offsets {
  readonly items: readonly number[];
  readonly completions: readonly number[];
}

/** What reference log-probs take; without a reference model there are none. */
export type DataOptions = Omit<ReferenceOptions, 'reference' | 'ofTokens'> & {
  readonly reference: Model | undefined;
  /** The policy that completions were drawn from, where the loss is of tokens: those of its tokens are kept, and the reference's. */
  readonly old?: Model | undefined;
};

export class PreferenceData {
  private constructor(
    private readonly groups: Source<PreferenceGroup>,
    private readonly unit: 'problems' | 'pairs',
    private readonly offsets: Offsets,
    /** Absent where the loss needs none. */
    private readonly ofReference: KnownLogProbs | undefined,
    /** Absent where the loss is of no tokens. */
    private readonly ofOld: KnownLogProbs | undefined,
  ) {}

  /** How far inexact log-probs of sampling are from the reference's; absent where none were compared. */
  get gap(): LogProbGap | undefined {
    return this.ofReference?.gap;
  }

  /** Goes over all groups once. */
  static async open(
    groups: Source<PreferenceGroup>,
    unit: 'problems' | 'pairs',
    options: DataOptions,
  ): Promise<PreferenceData> {
    const offsets = { items: [0], completions: [0] };
    const { reference: model, old, ...others } = options;
    const open = (of: Model) => new ReferenceLogProbs({ ...others, reference: of, ofTokens: old !== undefined });
    const reference = model && open(model);
    // Both are the start where nothing else is said.
    const ofOld = old && (old === model ? reference : open(old));
    try {
      for (let index = 0; index < groups.length; index++) {
        throwIfAborted(options.signal);
        const group = (await groups.at(index))!;
        offsets.items.push(offsets.items[index]! + itemsOf(group).length);
        offsets.completions.push(offsets.completions[index]! + group.completions.length);
        await reference?.add(group);
        if (ofOld !== reference) await ofOld?.add(group);
      }
      return new PreferenceData(groups, unit, offsets, await reference?.finish(), await ofOld?.finish());
    } finally {
      await reference?.close();
      if (ofOld !== reference) await ofOld?.close();
    }
  }

  /** Pairs, labels or problems: what batches are made of. */
  get length(): number {
    return this.unit === 'problems' ? this.groups.length : this.offsets.items.at(-1)!;
  }

  /** These items, those of the same problem together, so that its completions are forwarded once. */
  async batch(numbers: readonly number[]): Promise<GroupItems[]> {
    const placesOf = new Map<number, number[]>();
    for (const number of numbers) {
      const index = this.unit === 'problems' ? number : groupOf(this.offsets.items, number);
      const places = placesOf.get(index) ?? [];
      if (this.unit === 'pairs') places.push(number - this.offsets.items[index]!);
      placesOf.set(index, places);
    }
    const batch: GroupItems[] = [];
    for (const [index, places] of placesOf) {
      const group = await this.group(index);
      const all = itemsOf(group);
      const items: readonly Item[] = this.unit === 'problems' ? all : places.map((place) => all[place]!);
      batch.push({ group, items });
    }
    return batch;
  }

  private async group(index: number): Promise<PreferenceGroup> {
    const group = (await this.groups.at(index))!;
    const begin = this.offsets.completions[index]!;
    const completions = group.completions.map((completion, i) => ({
      ...completion,
      referenceLogProb: this.ofReference?.logProbs[begin + i] ?? 0,
      ...(this.ofOld && {
        tokenLogProbs: { old: this.ofOld.ofTokens[begin + i]!, reference: this.ofReference!.ofTokens[begin + i]! },
      }),
    }));
    return { ...group, completions };
  }
}

/** The group that holds an item: the last one that begins at or before it. */
function groupOf(begins: readonly number[], item: number): number {
  let [low, high] = [0, begins.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (begins[middle]! <= item) low = middle;
    else high = middle;
  }
  return low;
}
